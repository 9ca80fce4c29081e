/* How fallible functions report failure. */
#ifndef HR_BASE_ERR_H
#define HR_BASE_ERR_H

/* OK is zero. A function that fails leaves its out-parameters untouched and
 * ownership of its arguments with the caller, unless its contract says
 * otherwise. */
enum err {
	OK = 0,
	ERR_NOMEM,	/* allocation failed */
	ERR_LIMIT,	/* a limit given by the caller or a setting was reached */
	ERR_SYNTAX,	/* the input is not what its format allows */
	ERR_FUEL,	/* the step budget is used up */
	ERR_NOT_FOUND,	/* the thing asked for does not exist */
	ERR_CONFLICT,	/* the input contradicts itself or recorded state */
	ERR_UNSUPPORTED,/* well-formed, but nothing here handles it */
	ERR_ELIDED,	/* parts were left out of the input */
	ERR_BUSY,	/* a queue is full or a lock was not had in time */
	ERR_IO,		/* the operating system or a library failed */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Evaluates a fallible call and returns its error from this function. */
#define TRY(call)                                                              \
	do {                                                                   \
		const enum err try_err_ = (call);                              \
		if (try_err_ != OK)                                            \
			return try_err_;                                       \
	} while (0)

/* A short English phrase for logs; never NULL. */
const char *err_name(enum err e);

#endif
