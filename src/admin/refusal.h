/* Why a request to an endpoint of ours was refused. */
#ifndef HR_ADMIN_REFUSAL_H
#define HR_ADMIN_REFUSAL_H

#include "proxy/admin_route.h"

struct refusal {
	int status;		/* 400, 404, 413 or 503 */
	const char *type;	/* a word for programs: "invalid_request", "overloaded", … */
	char text[400];		/* a sentence for a person */
};

/* Fills it and returns the status. */
int refusal_say(struct refusal *r, int status, const char *type, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* 400 for what the caller got wrong. */
#define refusal_input(r, ...) refusal_say(r, 400, "invalid_request", __VA_ARGS__)

/* 503: memory ran out. */
int refusal_memory(struct refusal *r);

/* Answers the call with it. */
void refusal_answer(struct admin_call *c, const struct refusal *r);

#endif
