#include "admin/retrieve.h"

#include <stdio.h>

const char *
retrieve_miss_name(enum store_miss m)
{
	switch (m) {
	case STORE_EXPIRED:
		return "expired";
	case STORE_EVICTED:
		return "evicted";
	case STORE_DAMAGED:
		return "damaged";
	case STORE_NEVER:
	case STORE_NO_MISS:
		break;
	}
	return "never_stored";
}

static int
refuse_miss(struct refusal *why, struct span hash, enum store_miss m)
{
	static const char *const reasons[] = {
		[STORE_NEVER] = "was never stored here, or so long ago that nothing is known of it",
		[STORE_EXPIRED] = "has expired: nobody used it for longer than originals are kept",
		[STORE_EVICTED] = "was evicted: its room was needed for newer ones",
		[STORE_DAMAGED] = "was damaged on the disk",
	};

	return refusal_say(why, 404, retrieve_miss_name(m),
		      "The original %.*s %s. This is final, so do not ask for it again; run the command "
		      "that printed it again to see its output.",
		      SPAN_ARG(hash), reasons[m == STORE_NO_MISS ? STORE_NEVER : m]);
}

static int
refuse_store(struct refusal *why, enum err e)
{
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	if (e == ERR_BUSY)
		return refusal_say(why, 503, "overloaded", "The store is busy; try again.");
	return refusal_say(why, 503, "store_unavailable",
		      "The store cannot be read; see the log, or GET /health. Run the command again to see its "
		      "output.");
}

/* ---- the part ---- */

static int
refuse_part(struct refusal *why, enum err e, const char *reason)
{
	if (e == ERR_NOMEM || e == ERR_LIMIT)
		return refusal_memory(why);
	return refusal_input(why, "%s", reason);
}

static int
cut(const struct slice *slice, struct arena *a, struct buf *part, struct retrieval *out,
    struct refusal *why)
{
	const struct span text = out->found.original.text;
	struct fuel fuel = { slice_fuel_for(text.n) };
	char reason[SLICE_WHY];

	const enum err e = slice_take(slice, text, a, &fuel, part, &out->part, reason);
	if (e != OK)
		return refuse_part(why, e, reason);
	out->text = buf_span(part);
	out->whole = false;
	return 200;
}

/* ---- the look-up ---- */

/* "lines=200-260 grep=…", for those who watch. */
static void
spell_part(const struct slice_query *q, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < SLICE_OPTIONS && n < room; i++)
		if (q->value[i].p)
			n += (size_t)snprintf(out + n, room - n, "%s%s=%.*s", n ? " " : "",
					      slice_option_name((enum slice_option)i), SPAN_ARG(q->value[i]));
}

static void
note(struct store_reader *reader, const struct retrieve_ask *ask, const struct retrieval *r)
{
	const struct store_original *const o = &r->found.original;
	struct store_retrieval one = {
		.items = r->whole ? o->items : (uint32_t)r->part.given,
		.items_total = r->whole ? o->items : (uint32_t)r->part.total,
	};

	memcpy(one.hash, o->hash, sizeof one.hash);
	snprintf(one.tool, sizeof one.tool, "%.*s", SPAN_ARG(o->tool));
	spell_part(&ask->part, one.query, sizeof one.query);
	store_retrieval_note(reader, &one);
}

static int
look_up(const struct retrieve_ask *ask, const struct slice *slice, struct span tenant,
	struct store_reader *reader, struct arena *a, struct buf *part, struct retrieval *out,
	struct refusal *why)
{
	const enum err e = store_original_get(reader, tenant, ask->hash, a, &out->found);
	int status = 200;

	if (e != OK)
		return refuse_store(why, e);
	if (out->found.miss != STORE_NO_MISS)
		return refuse_miss(why, ask->hash, out->found.miss);
	out->text = out->found.original.text;
	if (slice)
		status = cut(slice, a, part, out, why);
	if (status == 200)
		note(reader, ask, out);
	return status;
}

int
retrieve(const struct retrieve_ask *ask, struct span tenant, struct store_reader *reader, struct arena *a,
	 struct buf *part, struct retrieval *out, struct refusal *why)
{
	char reason[SLICE_WHY];
	struct slice *slice = NULL;

	*out = (struct retrieval){ .whole = true };
	if (!slice_query_is_empty(&ask->part)) {
		const enum err e = slice_parse(&ask->part, &slice, reason);

		if (e != OK)
			return refuse_part(why, e, reason);
	}
	if (!reader) {
		slice_free(&slice);
		return refuse_store(why, ERR_IO);
	}
	const int status = look_up(ask, slice, tenant, reader, a, part, out, why);
	slice_free(&slice);
	return status;
}

/* ---- answers ---- */

static void
write_part(struct json_writer *w, const struct slice_result *part)
{
	jw_key(w, "part");
	jw_object(w);
	jw_kstring(w, "unit", part->unit);
	jw_ku64(w, "total", part->total);
	jw_ku64(w, "matched", part->matched);
	jw_ku64(w, "given", part->given);
	jw_end_object(w);
}

void
retrieve_write(struct json_writer *w, const struct retrieval *r)
{
	const struct store_original *const o = &r->found.original;

	jw_kstring(w, "hash", o->hash);
	jw_kspan(w, "original_content", r->text.p ? r->text : SPAN(""));
	jw_ku64(w, "original_item_count", o->items);
	jw_ku64(w, "compressed_item_count", o->items_after);
	if (!r->whole)
		write_part(w, &r->part);
}

void
retrieve_write_ignored(struct json_writer *w, const struct retrieve_ask *ask)
{
	if (ask->ignored_count == 0)
		return;
	jw_key(w, "ignored_options");
	jw_array(w);
	for (uint32_t i = 0; i < ask->ignored_count; i++)
		jw_span(w, ask->ignored[i]);
	jw_end_array(w);
}
