#include "proxy/framing.h"

void
framing_init(struct framing *f, const struct head *h)
{
	*f = (struct framing){ .kind = h->body };
	if (h->body == HEAD_BODY_LENGTH)
		f->left = h->content_length;
	f->ended = h->body == HEAD_BODY_NONE || (h->body == HEAD_BODY_LENGTH && f->left == 0);
}

enum err
framing_data(struct framing *f, struct span *in, struct span *data)
{
	*data = span_head(*in, 0);
	if (f->ended)
		return OK;
	switch (f->kind) {
	case HEAD_BODY_NONE:
		break;
	case HEAD_BODY_LENGTH:
		*data = f->left < in->n ? span_head(*in, (size_t)f->left) : *in;
		f->left -= data->n;
		f->ended = f->left == 0;
		*in = span_from(*in, data->n);
		break;
	case HEAD_BODY_CHUNKED:
		return chunked_read(&f->chunked, in, data, &f->ended);
	case HEAD_BODY_CLOSE:
		*data = *in;
		*in = span_from(*in, in->n);
		break;
	}
	return OK;
}

enum err
framing_pass(struct framing *f, struct span *in, struct span *raw,
	     void (*content)(void *arg, struct span data), void *arg)
{
	const struct span before = *in;
	enum err e = OK;

	while (in->n && !f->ended && e == OK) {
		struct span data;

		e = framing_data(f, in, &data);
		if (e == OK && content && data.n)
			content(arg, data);
	}
	*raw = span_head(before, before.n - in->n);
	return e;
}

bool
framing_complete_at_eof(const struct framing *f)
{
	return f->ended || f->kind == HEAD_BODY_CLOSE;
}
