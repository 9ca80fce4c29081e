#include "base/err.h"

const char *
err_name(enum err e)
{
	switch (e) {
	case OK:
		return "ok";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_LIMIT:
		return "over a limit";
	case ERR_SYNTAX:
		return "malformed";
	case ERR_FUEL:
		return "out of fuel";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_CONFLICT:
		return "conflict";
	case ERR_UNSUPPORTED:
		return "unsupported";
	case ERR_ELIDED:
		return "parts are left out";
	case ERR_BUSY:
		return "busy";
	case ERR_IO:
		return "input/output error";
	}
	return "unknown error";
}
