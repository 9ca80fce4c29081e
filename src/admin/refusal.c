#include "admin/refusal.h"

#include <stdarg.h>
#include <stdio.h>

int
refusal_say(struct refusal *r, int status, const char *type, const char *fmt, ...)
{
	va_list ap;

	r->status = status;
	r->type = type;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof r->text, fmt, ap);
	va_end(ap);
	return status;
}

int
refusal_memory(struct refusal *r)
{
	return refusal_say(r, 503, "overloaded", "There is not enough memory for this request; try again later.");
}

void
refusal_answer(struct admin_call *c, const struct refusal *r)
{
	admin_error(c, r->status, r->type, r->text);
}
