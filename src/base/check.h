/* Object magics: a freed or foreign pointer is a named abort, not a mystery. */
#ifndef HR_BASE_CHECK_H
#define HR_BASE_CHECK_H

#include <stdint.h>

/* Prints the failed condition and aborts. Stays on in release builds. */
_Noreturn void check_failed(const char *what, const char *file, int line);

#define CHECK(cond)                                                            \
	((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

/* Every object that travels as void * has `uint32_t magic` as a member, set to
 * a constant of its type while it lives and to zero when it is freed. */
#define CHECK_OBJ(obj, type_magic)                                             \
	CHECK((obj) != NULL && (obj)->magic == (type_magic))

#endif
