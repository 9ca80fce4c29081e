#ifndef HEADROOM_VERSION_H
#define HEADROOM_VERSION_H

/* Semantic version of the program; meson.build says the same (a check compares). */
#define HEADROOM_VERSION "0.1.0"

#endif
