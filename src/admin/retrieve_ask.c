#include "admin/retrieve_ask.h"

#include "json/text.h"
#include "json/walk.h"
#include "store/store.h"
#include "wire/query.h"

static bool
is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i] | 0x20;

		if (!(c >= '0' && c <= '9' && s.p[i] == c) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

int
retrieve_ask_check(const struct retrieve_ask *ask, struct refusal *why)
{
	const struct span hash = ask->hash;

	if (hash.n == 0)
		return refusal_input(why, "hash required: the %d hex digits behind \"hash=\" in a marker.",
				    STORE_HASH_DIGITS);
	if (hash.n != STORE_HASH_DIGITS || !is_hex(hash))
		return refusal_input(why, "\"%.*s\" is no hash; a hash has %d hex digits and stands behind "
				    "\"hash=\" in a marker.",
				    (int)(hash.n < 40 ? hash.n : 40), hash.p, STORE_HASH_DIGITS);
	return 0;
}

static void
ignore(struct retrieve_ask *ask, struct span name)
{
	if (ask->ignored_count < RETRIEVE_IGNORED)
		ask->ignored[ask->ignored_count++] = name;
}

/* ---- JSON ---- */

/* Text, or a number as it is spelled where `number` says that one will do. */
static int
read_text(const struct json_doc *d, uint32_t node, bool number, const char *name, struct arena *a,
	  struct span *out, struct refusal *why)
{
	enum err e;

	if (number && json_type(d, node) == JSON_NUMBER) {
		*out = json_raw(d, node);
		return 0;
	}
	if (json_type(d, node) != JSON_STRING)
		return refusal_input(why, "%s must be a string%s.", name, number ? " or a number" : "");
	e = json_string(d, node, a, out);
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	return e == OK ? 0 : refusal_input(why, "%s is no text: it has a lone surrogate.", name);
}

static bool
takes_number(enum slice_option o)
{
	return o == SLICE_HEAD || o == SLICE_TAIL || o == SLICE_CONTEXT || o == SLICE_LINES ||
	       o == SLICE_ROWS;
}

static int
read_member(const struct json_doc *d, uint32_t key, struct arena *a, struct retrieve_ask *out,
	    struct refusal *why)
{
	const uint32_t value = key + 1;
	enum slice_option o;
	struct span name;

	if (json_string(d, key, a, &name) != OK)
		name = json_inner(d, key);
	const bool hash = span_eq(name, SPAN("hash"));
	if (!hash && !slice_option_find(name, &o)) {
		ignore(out, name);
		return 0;
	}
	struct span *const to = hash ? &out->hash : &out->part.value[o];
	*to = SPAN_NONE;
	if (json_type(d, value) == JSON_NULL)
		return 0;
	return read_text(d, value, !hash && takes_number(o), hash ? "hash" : slice_option_name(o), a, to,
			 why);
}

int
retrieve_ask_members(const struct json_doc *d, uint32_t object, struct arena *a,
		     struct retrieve_ask *out, struct refusal *why)
{
	*out = (struct retrieve_ask){ .ignored_count = 0 };
	for (JSON_MEMBERS(d, object, key)) {
		const int status = read_member(d, key, a, out, why);

		if (status)
			return status;
	}
	return retrieve_ask_check(out, why);
}

/* ---- URLs ---- */

int
retrieve_ask_url(struct span hash, struct span query, struct arena *a, struct retrieve_ask *out,
		 struct refusal *why)
{
	struct span name, value;
	enum slice_option o;
	enum err e;

	*out = (struct retrieve_ask){ .hash = hash };
	while ((e = query_next(&query, a, &name, &value)) == OK) {
		if (!slice_option_find(name, &o))
			ignore(out, name);
		else if (out->part.value[o].p)
			return refusal_input(why, "%s is given twice.", slice_option_name(o));
		else
			out->part.value[o] = value;
	}
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	if (e == ERR_SYNTAX)
		return refusal_input(why, "The query has a \"%%\" without two hex digits behind it; \"%%\" itself is "
				    "spelled %%25.");
	return retrieve_ask_check(out, why);
}
