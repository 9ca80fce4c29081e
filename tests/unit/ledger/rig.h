/* A proxy without network: bodies in, what would go upstream out. */
#ifndef HR_TESTS_LEDGER_RIG_H
#define HR_TESTS_LEDGER_RIG_H

#include "../store/scratch.h"
#include "chat.h"
#include "ledger/ledger.h"

struct rig {
	char folder[128];
	struct store *store;
	struct store_reader *reader;
	struct arena arena;	/* of the test: bodies and what was sent */
};

struct sent {
	struct span body;
	struct json_doc doc;		/* of the client's body */
	struct wire_view view;
	struct ledger_counts counts;
	struct json_edit *edits;
	size_t edit_count;
	struct span *hashes;
	size_t hash_count;
	bool recorded;			/* was there anything to record? */
};

static const struct ledger_policy rig_policy = {
	.profile = PROFILE_LOSSLESS, .shrink = true, .floor_tokens = 20, .tenant = { "local", 5 },
};

static const struct json_limits rig_limits = { .depth = 200, .nodes = 1u << 22 };

static inline void
rig_start(struct rig *r)
{
	char why[STORE_WHY];

	if (scratch_open(r->folder, &r->store, why) != OK)
		fail_msg("%s", why);
	assert_int_equal(store_reader_open(r->store, &r->reader), OK);
}

static inline void
rig_stop(struct rig *r)
{
	store_reader_close(&r->reader);
	store_close(&r->store);
}

static inline void
rig_open(struct rig *r)
{
	scratch_make(r->folder);
	arena_init(&r->arena, (size_t)1 << 30);
	rig_start(r);
}

static inline void
rig_close(struct rig *r)
{
	rig_stop(r);
	scratch_remove(r->folder);
	arena_free(&r->arena);
}

/* `refuse`: the store could not record (OK: it is asked). */
static inline struct sent
rig_send_body(struct rig *r, enum wire_format f, struct span body, const struct ledger_policy *p,
	      enum err refuse)
{
	struct sent s = { .body = body };
	struct ledger_plan *plan = NULL;
	struct store_batch *batch = NULL;
	enum err recorded = OK;
	struct buf out;

	assert_int_equal(json_scan(body, &rig_limits, &r->arena, &s.doc), OK);
	assert_int_equal(wire_view(f, &s.doc, &r->arena, &s.view), OK);
	assert_int_equal(ledger_plan(&s.view, &s.doc, p, r->reader, &r->arena, &plan, &batch), OK);
	s.recorded = batch != NULL;
	if (batch) {
		batch->done = scratch_never_called;
		recorded = refuse != OK ? refuse : store_write(r->store, batch);
	}
	assert_int_equal(ledger_edits(plan, recorded, &s.edits, &s.edit_count, &s.counts), OK);
	assert_int_equal(ledger_hashes(plan, &s.hashes, &s.hash_count), OK);
	buf_init(&out, (size_t)1 << 28);
	json_splice(body, s.edits, s.edit_count, &out);
	s.body = arena_copy(&r->arena, buf_span(&out));
	buf_free(&out);
	return s;
}

static inline struct sent
rig_send(struct rig *r, enum wire_format f, const struct chat *c, const struct chat_spelling *how,
	 const struct ledger_policy *p)
{
	struct buf b;

	buf_init(&b, (size_t)1 << 28);
	chat_body(&b, f, c, how);
	const struct span body = arena_copy(&r->arena, buf_span(&b));
	buf_free(&b);
	assert_non_null(body.p);
	return rig_send_body(r, f, body, p, OK);
}

/* The text of the k-th block as it went upstream. */
static inline struct span
rig_text(struct rig *r, enum wire_format f, const struct sent *s, uint32_t k)
{
	struct json_doc d;
	struct wire_view v;
	struct span text = SPAN_NONE;

	assert_int_equal(json_scan(s->body, &rig_limits, &r->arena, &d), OK);
	assert_int_equal(wire_view(f, &d, &r->arena, &v), OK);
	assert_true(k < v.block_count);
	assert_int_equal(json_string(&d, v.blocks[k].node, &r->arena, &text), OK);
	return text;
}

#endif
