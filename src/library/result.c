#include <stdlib.h>

#include "base/check.h"
#include "library/library.h"

#define RESULT_MAGIC 0x72657375u

struct hr_result *
library_result(struct buf *b)
{
	struct hr_result *const r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->magic = RESULT_MAGIC;
	r->text = buf_take(b, &r->length);
	if (r->text)
		return r;
	free(r);
	return NULL;
}

struct hr_result *
library_result_copy(struct span text)
{
	struct buf b;

	buf_init(&b, text.n);
	buf_add_span(&b, text);
	struct hr_result *const r = library_result(&b);
	buf_free(&b);
	return r;
}

bool
library_result_hashes(struct hr_result *r, const struct span *hashes, size_t n)
{
	if (n == 0)
		return true;
	r->hashes = calloc(n, sizeof *r->hashes);
	if (!r->hashes)
		return false;
	for (size_t i = 0; i < n; i++)
		memcpy(r->hashes[i], hashes[i].p, COMPRESS_HASH_DIGITS);
	r->hash_count = n;
	return true;
}

void
hr_result_free(hr_result *r)
{
	if (!r)
		return;
	CHECK_OBJ(r, RESULT_MAGIC);
	r->magic = 0;
	free(r->text);
	free(r->hashes);
	free(r);
}

const char *
hr_result_text(const hr_result *r, size_t *length)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	if (length)
		*length = r->length;
	return r->text;
}

size_t
hr_result_replaced(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return r->replaced;
}

const char *
hr_result_form(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return compress_form_name(r->form);
}

const char *
hr_result_reason(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return compress_reason_name(r->reason);
}

uint64_t
hr_result_tokens_before(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return r->tokens_before;
}

uint64_t
hr_result_tokens_after(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return r->tokens_after;
}

size_t
hr_result_hash_count(const hr_result *r)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return r->hash_count;
}

const char *
hr_result_hash(const hr_result *r, size_t index)
{
	CHECK_OBJ(r, RESULT_MAGIC);
	return index < r->hash_count ? r->hashes[index] : NULL;
}

hr_status
library_status(enum err e)
{
	switch (e) {
	case OK:
		return HR_OK;
	case ERR_NOMEM:
		return HR_NO_MEMORY;
	case ERR_LIMIT:
	case ERR_FUEL:
		return HR_TOO_LARGE;
	case ERR_UNSUPPORTED:
		return HR_NO_FORM;
	case ERR_ELIDED:
		return HR_ELIDED;
	case ERR_BUSY:
	case ERR_IO:
		return HR_STORE_FAILED;
	default:
		return HR_BAD_INPUT;
	}
}

const char *
hr_status_text(hr_status status)
{
	switch (status) {
	case HR_OK:
		return "done";
	case HR_NO_MEMORY:
		return "there is not enough memory";
	case HR_TOO_LARGE:
		return "the text is too large";
	case HR_BAD_ARGUMENT:
		return "an argument has a value that is not allowed";
	case HR_BAD_INPUT:
		return "the input is damaged or not what it should be";
	case HR_NO_FORM:
		return "the text is no form that headroom writes";
	case HR_ELIDED:
		return "the text is a form with parts left out; its original has them";
	case HR_NOT_FOUND:
		return "no such original is kept";
	case HR_STORE_FAILED:
		return "the store failed";
	}
	return "unknown status";
}
