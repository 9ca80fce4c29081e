#include "proxy/shrink.h"

bool
shrink_changed(const struct request *r)
{
	(void)r;
	return false;
}

uint64_t
shrink_size(const struct request *r)
{
	return r->body.n;
}

size_t
shrink_piece_count(const struct request *r)
{
	return r->body.n > 0;
}

struct span
shrink_piece(const struct request *r, size_t i)
{
	(void)i;
	return r->body;
}

void
shrink_report(const struct request *r, struct log_line *l)
{
	(void)r;
	(void)l;
}

void
shrink_free(struct request *r)
{
	r->shrink = NULL;
}

enum step_result
step_shrink(struct request *r)
{
	return request_go(r, STEP_send);
}
