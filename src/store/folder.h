/* The folder and the file, with the modes they must have. */
#ifndef HR_STORE_FOLDER_H
#define HR_STORE_FOLDER_H

#include <stddef.h>

#include "base/err.h"

/* Makes `folder` (0700, parents too) and an empty `path` in it (0600) where they
 * are missing; an existing file is set to 0600. SQLite gives its -wal and -shm the
 * mode of the file. ERR_IO with a sentence in `why`. */
enum err folder_make(const char *folder, const char *path, char *why, size_t room) MUST_CHECK;

#endif
