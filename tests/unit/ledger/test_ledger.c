/* The rules of the ledger and the cases it was made for, one by one. */
#include "unit.h"

#include <pthread.h>

#include "each_rig.h"

static struct chat chat;
static struct chat_spelling plain;

static int
begin(void **state)
{
	chat.count = 0;
	return setup(state);
}

/* A pretty-printed array of rows that shrinks well; `seed` makes it another one. */
static struct span
rows(unsigned seed)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, "[");
	for (unsigned i = 0; i < 20; i++)
		buf_addf(&b,
			 "%s\n  {\n    \"id\": %u,\n    \"name\": \"caf\\u00e9 \\\"%u\\\" \xe2\x82\xac\",\n"
			 "    \"status\": \"ok\",\n    \"score\": %u.50\n  }",
			 i ? "," : "", seed * 100 + i, seed + i, i);
	buf_add_str(&b, "\n]");
	const struct span s = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	return s;
}

static struct span
id(const char *text)
{
	return arena_copy(&rig.arena, span_str(text));
}

/* An assistant's turn with one call and its result. */
static struct chat_call *
turn(const char *call, const char *tool, struct span output)
{
	return chat_call(chat_assistant(&chat, SPAN_NONE), id(call), id(tool), output);
}

static struct sent
send_as(enum wire_format f, const struct chat_spelling *how, const struct ledger_policy *p)
{
	return rig_send(&rig, f, &chat, how, p);
}

static struct sent
send(void)
{
	return send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &rig_policy);
}

static struct span
text_of(const struct sent *s, uint32_t block)
{
	return rig_text(&rig, WIRE_ANTHROPIC_MESSAGES, s, block);
}

#define assert_spans_equal(a, b) assert_true(span_eq(a, b))
#define assert_spans_differ(a, b) assert_false(span_eq(a, b))

/* A conversation with one result that was compressed; its form. */
static struct span
begun(void)
{
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	const struct sent s = send();

	assert_int_equal(s.counts.blocks, 1);
	assert_int_equal(s.counts.compressed, 1);
	assert_true(s.counts.tokens_after + 16 <= s.counts.tokens_before);
	const struct span form = text_of(&s, 0);
	assert_spans_differ(form, rows(1));
	return form;
}

/* ---- what is sent is sent again ---- */

static void
a_form_is_sent_again_as_the_conversation_grows(void **state)
{
	(void)state;
	const struct span form = begun();

	for (unsigned i = 2; i < 8; i++) {
		char call[20];

		snprintf(call, sizeof call, "toolu_%u", i);
		turn(call, "list", rows(i));
		const struct sent s = send();
		assert_spans_equal(text_of(&s, 0), form);
		assert_int_equal(s.counts.replayed, i - 1);
		assert_int_equal(s.counts.compressed, 1);
	}
}

static void
a_replayed_turn_costs_no_write(void **state)
{
	(void)state;
	const struct span form = begun();
	const struct sent again = send();

	assert_false(again.recorded);
	assert_spans_equal(text_of(&again, 0), form);
	assert_int_equal(again.counts.replayed, 1);
	assert_int_equal(again.counts.by_form[COMPRESS_JSON_TABLE] +
				 again.counts.by_form[COMPRESS_JSON_MINIFIED], 1);
	assert_true(again.counts.tokens_before > again.counts.tokens_after);
}

static void
a_restart_forgets_nothing(void **state)
{
	(void)state;
	const struct span form = begun();

	rig_stop(&rig);
	rig_start(&rig);
	const struct sent s = send();
	assert_spans_equal(text_of(&s, 0), form);
	assert_false(s.recorded);
}

/* Only the block's string is replaced: whole, quotes included. */
static void
everything_else_keeps_its_bytes(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1))->is_error = false;
	turn("toolu_2", "list", rows(2));
	const struct chat_spelling how = { .parts = true, .marks = true, .escapes = true,
					   .pretty = true, .system = SPAN("be \"brief\"") };
	const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &how, &rig_policy);

	assert_int_equal(s.edit_count, 1);	/* the first was met half-way */
	const struct json_edit e = s.edits[0];
	assert_int_equal(e.off, s.doc.nodes[s.view.blocks[1].node].off);
	assert_int_equal(e.len, s.doc.nodes[s.view.blocks[1].node].len);
	assert_spans_equal(span_head(s.body, e.off), span_head(s.doc.text, e.off));
	assert_spans_equal(span_from(s.body, e.off + e.with.n),
			   span_from(s.doc.text, e.off + e.len));
	assert_int_equal(e.with.p[0], '"');
	assert_int_equal(e.with.p[e.with.n - 1], '"');
}

/* ---- identity ---- */

static void
spelling_is_no_part_of_a_block(void **state)
{
	(void)state;
	const struct span form = begun();

	for (unsigned i = 0; i < 32; i++) {
		const struct chat_spelling how = {
			.parts = i & 1, .marks = i & 2, .escapes = i & 4, .pretty = i & 8,
			.system = i & 16 ? SPAN("another system text") : SPAN_NONE,
		};
		const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &how, &rig_policy);
		assert_spans_equal(text_of(&s, 0), form);
		assert_int_equal(s.counts.replayed, 1);
	}
}

static void
the_first_message_the_tool_and_its_arguments_are_no_part(void **state)
{
	(void)state;
	const struct span form = begun();

	/* "date": clients put today's into the first message. */
	chat.turns[0].user = SPAN("go. Today is another day.");
	chat.turns[1].calls[0].arguments = SPAN("{\"page\": 2}");
	const struct sent s = send();
	assert_spans_equal(text_of(&s, 0), form);
}

static void
the_call_and_the_text_are(void **state)
{
	(void)state;
	begun();
	turn("toolu_1", "list", rows(2));	/* the same id, another text */
	turn("toolu_2", "list", rows(1));	/* another id, the same text */
	chat_user(&chat, SPAN("more"));
	const struct sent s = send();

	assert_int_equal(s.counts.replayed, 1);
	assert_int_equal(s.counts.adopted, 1);	/* before the last assistant */
	assert_int_equal(s.counts.compressed, 1);
}

static void
another_tenant_has_decisions_of_its_own(void **state)
{
	(void)state;
	struct ledger_policy theirs = rig_policy;

	begun();
	theirs.tenant = SPAN("theirs");
	chat_assistant(&chat, SPAN("done"));
	chat_user(&chat, SPAN("more"));
	const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &theirs);
	assert_int_equal(s.counts.adopted, 1);
	assert_spans_equal(text_of(&s, 0), rows(1));
}

static void
blocks_that_are_equal_share_one_decision(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	struct chat_turn *const t = chat_assistant(&chat, SPAN_NONE);
	chat_call(t, SPAN("call_0"), SPAN("list"), rows(1));
	chat_call(t, SPAN("call_0"), SPAN("list"), rows(1));
	chat_call(t, SPAN("call_0"), SPAN("list"), rows(2));
	const struct sent s = send();

	assert_int_equal(s.counts.blocks, 3);
	assert_int_equal(s.counts.compressed, 3);
	assert_spans_equal(text_of(&s, 0), text_of(&s, 1));
	assert_spans_differ(text_of(&s, 0), rows(1));
	assert_spans_differ(text_of(&s, 0), text_of(&s, 2));
}

/* ---- rule 2 ---- */

static void
what_was_met_half_way_stays(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	turn("toolu_2", "list", rows(2));
	struct sent s = send();

	assert_int_equal(s.counts.adopted, 1);
	assert_int_equal(s.counts.compressed, 1);
	assert_spans_equal(text_of(&s, 0), rows(1));
	const struct span form = text_of(&s, 1);
	assert_spans_differ(form, rows(2));
	/* Rewind: the old one is the newest again, and was recorded. */
	chat.count = 2;
	s = send();
	assert_spans_equal(text_of(&s, 0), rows(1));
	assert_false(s.recorded);
	/* Fork: the main line is not moved by it. */
	turn("toolu_3", "list", rows(3));
	s = send();
	assert_spans_equal(text_of(&s, 0), rows(1));
	chat.count = 2;
	turn("toolu_2", "list", rows(2));
	s = send();
	assert_spans_equal(text_of(&s, 0), rows(1));
	assert_spans_equal(text_of(&s, 1), form);
}

static void
adopting_may_be_asked_for(void **state)
{
	(void)state;
	struct ledger_policy p = rig_policy;

	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	turn("toolu_2", "list", rows(2));
	p.adopt_compress = true;
	const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &p);
	assert_int_equal(s.counts.compressed, 2);
	assert_spans_differ(text_of(&s, 0), rows(1));
}

/* OpenAI's local servers call every call call_0. */
static void
half_way_with_a_repeated_id(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("call_0", "list", rows(1));
	turn("call_0", "list", rows(1));	/* the very same again, new */
	turn("call_0", "list", rows(2));
	struct sent s = send_as(WIRE_OPENAI_CHAT, &plain, &rig_policy);

	assert_int_equal(s.counts.adopted, 2);
	assert_spans_equal(rig_text(&rig, WIRE_OPENAI_CHAT, &s, 0), rows(1));
	assert_spans_equal(rig_text(&rig, WIRE_OPENAI_CHAT, &s, 1), rows(1));
	assert_spans_differ(rig_text(&rig, WIRE_OPENAI_CHAT, &s, 2), rows(2));

	/* New and old of one key: the old one stands first and decides. */
	chat.count = 1;
	turn("call_0", "list", rows(7));
	turn("call_0", "list", rows(7));
	s = send_as(WIRE_OPENAI_CHAT, &plain, &rig_policy);
	assert_spans_equal(rig_text(&rig, WIRE_OPENAI_CHAT, &s, 0), rows(7));
	assert_spans_equal(rig_text(&rig, WIRE_OPENAI_CHAT, &s, 1), rows(7));
}

/* ---- rule 3: what is left alone ---- */

static struct sent
one_block(const char *tool, struct span output, bool is_error, const struct ledger_policy *p)
{
	static unsigned n;
	char call[32];

	snprintf(call, sizeof call, "toolu_one_%u", n++);
	chat.count = 0;
	chat_user(&chat, SPAN("go"));
	turn(call, tool, output)->is_error = is_error;
	return send_as(WIRE_ANTHROPIC_MESSAGES, &plain, p);
}

/* Left for that reason, and so for ever: settings that change do not reach it. */
#define assert_left(sent_, member)                                             \
	do {                                                                   \
		const struct sent left_ = (sent_);                             \
		assert_int_equal(left_.counts.member, 1);                      \
		assert_int_equal(left_.edit_count, 0);                         \
		assert_true(left_.recorded);                                   \
		const struct sent later_ = send();                             \
		assert_int_equal(later_.counts.replayed, 1);                   \
		assert_int_equal(later_.edit_count, 0);                        \
		assert_false(later_.recorded);                                 \
	} while (0)

static void
blocks_are_left_alone_for_a_reason(void **state)
{
	(void)state;
	struct ledger_policy p = rig_policy;

	assert_left(one_block("Read", rows(1), false, &p), skipped[LEDGER_SKIP_FILE]);
	assert_left(one_block("list", rows(2), true, &p), skipped[LEDGER_SKIP_ERROR]);
	p.exclude_tools = "other,LI*";
	assert_left(one_block("list", rows(3), false, &p), skipped[LEDGER_SKIP_TOOL]);
	p = rig_policy;
	p.shrink = false;
	assert_left(one_block("list", rows(4), false, &p), skipped[LEDGER_SKIP_LOAD]);
	p = rig_policy;
	p.profile = PROFILE_OFF;
	assert_left(one_block("list", rows(5), false, &p), verbatim[COMPRESS_REASON_OFF]);
	p = rig_policy;
	p.floor_tokens = 100000;
	assert_left(one_block("list", rows(6), false, &p), verbatim[COMPRESS_REASON_SMALL]);
	assert_left(one_block("list", id("Plain words of no kind that we know, and enough of them "
					 "to be looked at: one, two, three, four, five, six, seven, "
					 "eight, nine, ten, eleven."), false, &rig_policy),
		    verbatim[COMPRESS_REASON_KIND]);
}

static void
long_errors_are_no_exception(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_char(&b, '[');
	for (int i = 0; i < 8; i++) {
		if (i)
			buf_add_char(&b, ',');
		buf_add_span(&b, rows((unsigned)i));
	}
	buf_add_char(&b, ']');
	const struct sent s = one_block("list", buf_span(&b), true, &rig_policy);
	assert_int_equal(s.counts.compressed, 1);
	buf_free(&b);
}

static void
short_blocks_take_no_part(void **state)
{
	(void)state;
	char text[LEDGER_LEAST_BYTES + 8];

	memset(text, 'x', sizeof text);
	for (size_t n = LEDGER_LEAST_BYTES - 2; n <= LEDGER_LEAST_BYTES + 1; n++) {
		const struct sent s = one_block("list", span_of(text, n), false, &rig_policy);

		assert_int_equal(s.counts.blocks, n >= LEDGER_LEAST_BYTES);
		assert_int_equal(s.recorded, n >= LEDGER_LEAST_BYTES);
		assert_int_equal(ledger_wanted(&s.view, &s.doc), n >= LEDGER_LEAST_BYTES);
	}
	/* Long only as it is spelled. */
	const struct chat_spelling how = { .escapes = true };
	memset(text, 'a', sizeof text);
	chat.count = 0;
	chat_user(&chat, SPAN("go"));
	turn("toolu_s", "list", span_of(text, LEDGER_LEAST_BYTES - 1));
	const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &how, &rig_policy);
	assert_int_equal(s.counts.blocks, 0);
}

static void
half_a_surrogate_pair_is_left_alone(void **state)
{
	(void)state;
	static const char head[] = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
				   "\"tool_use_id\":\"t\",\"content\":\"";
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add_str(&b, head);
	for (int i = 0; i < 40; i++)
		buf_add_str(&b, "[1, 2]\\ud800 ");
	buf_add_str(&b, "\"}]}]}");
	const struct span body = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	const struct sent s =
		rig_send_body(&rig, WIRE_ANTHROPIC_MESSAGES, body, &rig_policy, OK);
	assert_int_equal(s.counts.blocks, 0);
	assert_spans_equal(s.body, body);
}

/* ---- settings that change between turns ---- */

static void
recorded_forms_outlive_every_setting(void **state)
{
	(void)state;
	const struct span form = begun();
	struct ledger_policy p[6];

	for (int i = 0; i < 6; i++)
		p[i] = rig_policy;
	p[0].profile = PROFILE_OFF;
	p[1].floor_tokens = 1000000;
	p[2].exclude_tools = "*";
	p[3].shrink = false;
	p[4].adopt_compress = true;
	turn("toolu_2", "list", rows(2));
	for (int i = 0; i < 6; i++) {
		const struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &p[i]);

		assert_spans_equal(text_of(&s, 0), form);
		/* The second was new under "off", and stays as it was sent then. */
		assert_spans_equal(text_of(&s, 1), rows(2));
	}
	/* A tool that turns out to be a file reader, an error that was none. */
	chat.turns[1].calls[0].tool = SPAN("Read");
	chat.turns[1].calls[0].is_error = true;
	const struct sent s = send();
	assert_spans_equal(text_of(&s, 0), form);
}

/* ---- bypass ---- */

static void
a_bypassed_turn_is_verbatim_and_remembered(void **state)
{
	(void)state;
	const struct span form = begun();
	struct ledger_policy p = rig_policy;

	turn("toolu_2", "list", rows(2));
	turn("toolu_3", "list", rows(3));
	p.bypass = true;
	struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &p);
	assert_int_equal(s.edit_count, 0);
	assert_spans_equal(s.body, s.doc.text);
	assert_int_equal(s.counts.blocks, 1);
	assert_int_equal(s.counts.skipped[LEDGER_SKIP_BYPASS], 1);
	assert_true(s.recorded);
	/* Once more: nothing to record. */
	s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &p);
	assert_false(s.recorded);
	/* Afterwards the old form is back, the new block stays. */
	s = send();
	assert_spans_equal(text_of(&s, 0), form);
	assert_spans_equal(text_of(&s, 1), rows(2));
	assert_spans_equal(text_of(&s, 2), rows(3));
	assert_int_equal(s.counts.replayed, 2);
	assert_int_equal(s.counts.adopted, 1);
}

static void
a_bypassed_block_with_a_form_stays_verbatim_on_that_turn_only(void **state)
{
	(void)state;
	const struct span form = begun();
	struct ledger_policy p = rig_policy;

	p.bypass = true;
	struct sent s = send_as(WIRE_ANTHROPIC_MESSAGES, &plain, &p);
	assert_spans_equal(s.body, s.doc.text);
	assert_false(s.recorded);
	s = send();
	assert_spans_equal(text_of(&s, 0), form);
}

/* ---- compaction, titles, tools ---- */

static void
compaction_keeps_the_forms_of_the_turns_it_keeps(void **state)
{
	(void)state;
	const struct span form = begun();
	turn("toolu_2", "list", rows(2));
	struct sent s = send();
	const struct span second = text_of(&s, 1);

	/* The last turn kept, the rest summed up. */
	chat.turns[0].user = SPAN("Summary: we listed things.");
	chat.turns[1] = chat.turns[2];
	chat.count = 2;
	s = send();
	assert_spans_equal(text_of(&s, 0), second);
	/* All summed up; then the old history comes back after all. */
	chat.count = 1;
	s = send();
	assert_int_equal(s.counts.blocks, 0);
	chat.count = 0;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	turn("toolu_2", "list", rows(2));
	turn("toolu_3", "list", rows(3));
	s = send();
	assert_spans_equal(text_of(&s, 0), form);
	assert_spans_equal(text_of(&s, 1), second);
	assert_int_equal(s.counts.compressed, 1);
}

/* "title", "forced twin", "tools change": other members of the body. */
static void
twins_of_a_request_agree(void **state)
{
	(void)state;
	static const char head[] =
		"{\"messages\":[{\"role\":\"user\",\"content\":\"go\"},"
		"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t9\",\"name\":\"list\","
		"\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
		"\"tool_use_id\":\"t9\",\"content\":";
	static const char *const tails[] = {
		"}]}]}",
		"}]}],\"tools\":[{\"name\":\"list\"}]}",
		"}]}],\"tools\":[{\"name\":\"list\"},{\"name\":\"other\"}],\"tool_choice\":{\"type\":\"any\"}}",
		",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}}]}],\"model\":\"other\"}",
		",\"unknown\":[1.0,1e5]}]}],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}",
	};
	struct span first = SPAN_NONE;

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		struct buf b;

		buf_init(&b, 1 << 20);
		buf_add_str(&b, head);
		chat_string(&b, rows(9), &plain);
		buf_add_str(&b, tails[i]);
		const struct span body = arena_copy(&rig.arena, buf_span(&b));
		buf_free(&b);
		const struct sent s =
			rig_send_body(&rig, WIRE_ANTHROPIC_MESSAGES, body, &rig_policy, OK);
		assert_int_equal(s.edit_count, 1);
		if (!first.p)
			first = s.edits[0].with;
		assert_spans_equal(s.edits[0].with, first);
		assert_true(span_ends(s.body, span_str(tails[i])));
	}
}

/* ---- the store's part ---- */

/* As another version of headroom, or another process, would have recorded it. */
static void
record_elsewhere(const struct sent *s, uint32_t block, struct store_form f)
{
	struct ledger_plan *plan = NULL;
	struct store_batch *batch = NULL;

	assert_int_equal(ledger_plan(&s->view, &s->doc, &rig_policy, rig.reader, &rig.arena, &plan,
				     &batch), OK);
	assert_non_null(batch);
	f.key = batch->forms[block].key;
	assert_int_equal(scratch_record(rig.store, &f, 1, &rig.arena), OK);
}

/* A body seen, nothing sent. */
static struct sent
looked_at(void)
{
	struct sent s = { 0 };
	struct buf b;

	buf_init(&b, 1 << 24);
	chat_body(&b, WIRE_ANTHROPIC_MESSAGES, &chat, &plain);
	const struct span body = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	assert_int_equal(json_scan(body, &rig_limits, &rig.arena, &s.doc), OK);
	assert_int_equal(wire_view(WIRE_ANTHROPIC_MESSAGES, &s.doc, &rig.arena, &s.view), OK);
	return s;
}

static void
a_form_of_another_engine_wins_if_it_was_first(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	const struct sent seen = looked_at();
	record_elsewhere(&seen, 0, (struct store_form){
		.replaced = true, .engine = 77, .form = 4711, .tokens_before = 400,
		.tokens_after = 9, .text = SPAN("a later engine's \"form\"\n\x01 \xf0\x9f\x98\x80"),
	});
	for (int i = 0; i < 2; i++) {
		const struct sent s = send();

		assert_span_eq(text_of(&s, 0), "a later engine's \"form\"\n\x01 \xf0\x9f\x98\x80");
		assert_int_equal(s.counts.replayed, 1);
		assert_int_equal(s.counts.tokens_after, 9);
	}
}

/* Two requests at once: both plan, one is recorded first, both send that one. */
static void
the_loser_of_a_race_sends_the_winners_bytes(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	turn("toolu_2", "list", rows(2));	/* the new one */
	const struct sent seen = looked_at();
	struct ledger_plan *plan[3];
	struct store_batch *batch[3];
	struct json_edit *edits = NULL;
	size_t n = 0;
	struct ledger_counts c;
	struct ledger_policy p[3] = { rig_policy, rig_policy, rig_policy };

	p[1].shrink = false;	/* would leave it, but comes second */
	p[2].bypass = true;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ledger_plan(&seen.view, &seen.doc, &p[i], rig.reader, &rig.arena,
					     &plan[i], &batch[i]), OK);
		assert_non_null(batch[i]);
		batch[i]->done = scratch_never_called;
	}
	assert_int_equal(store_write(rig.store, batch[0]), OK);
	assert_int_equal(ledger_edits(plan[0], OK, &edits, &n, &c), OK);
	assert_int_equal(n, 1);
	const struct span first = edits[0].with;
	assert_int_equal(store_write(rig.store, batch[1]), OK);
	assert_int_equal(ledger_edits(plan[1], OK, &edits, &n, &c), OK);
	assert_int_equal(n, 1);
	assert_spans_equal(edits[0].with, first);
	assert_int_equal(c.skipped[LEDGER_SKIP_LOAD], 0);
	assert_int_equal(c.replayed, 1);
	/* A bypassed one is verbatim whoever was first. */
	assert_int_equal(store_write(rig.store, batch[2]), OK);
	assert_int_equal(ledger_edits(plan[2], OK, &edits, &n, &c), OK);
	assert_int_equal(n, 0);
}

static void
a_verbatim_winner_takes_the_form_away(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", "list", rows(1));
	const struct sent seen = looked_at();
	struct ledger_plan *plan = NULL;
	struct store_batch *batch = NULL;
	struct json_edit *edits = NULL;
	size_t n = 9;
	struct ledger_counts c;

	assert_int_equal(ledger_plan(&seen.view, &seen.doc, &rig_policy, rig.reader, &rig.arena,
				     &plan, &batch), OK);
	record_elsewhere(&seen, 0, (struct store_form){ .engine = 1 });
	batch->done = scratch_never_called;
	assert_int_equal(store_write(rig.store, batch), OK);
	assert_int_equal(ledger_edits(plan, OK, &edits, &n, &c), OK);
	assert_int_equal(n, 0);
	assert_int_equal(c.replayed, 1);
	assert_int_equal(c.tokens_before, 0);
}

static void
what_could_not_be_recorded_is_not_sent(void **state)
{
	(void)state;
	const struct span form = begun();
	struct buf b;

	turn("toolu_2", "list", rows(2));
	turn("toolu_3", "list", rows(3));
	buf_init(&b, 1 << 24);
	chat_body(&b, WIRE_ANTHROPIC_MESSAGES, &chat, &plain);
	struct sent s = rig_send_body(&rig, WIRE_ANTHROPIC_MESSAGES, buf_span(&b), &rig_policy,
				      ERR_BUSY);
	assert_true(s.counts.record_failed);
	assert_spans_equal(text_of(&s, 0), form);	/* recorded before */
	assert_spans_equal(text_of(&s, 1), rows(2));
	assert_spans_equal(text_of(&s, 2), rows(3));
	assert_int_equal(s.counts.skipped[LEDGER_SKIP_STORE], 1);
	assert_int_equal(s.counts.adopted, 1);
	assert_int_equal(s.counts.replayed, 1);
	buf_free(&b);
	/* … and stays as it was sent. */
	turn("toolu_4", "list", rows(4));
	s = send();
	assert_spans_equal(text_of(&s, 2), rows(3));
	assert_spans_differ(text_of(&s, 3), rows(4));
}

/* The reader can not read, the writer still can: what was recorded comes back with
 * the batch. */
static void
a_failed_look_up_is_made_good_by_the_batch(void **state)
{
	(void)state;
	const struct span form = begun();
	char db[200];
	char away[200];

	turn("toolu_2", "list", rows(2));
	snprintf(db, sizeof db, "%s/headroom.db", rig.folder);
	snprintf(away, sizeof away, "%s/away.db", rig.folder);
	store_reader_close(&rig.reader);
	assert_int_equal(store_reader_open(rig.store, &rig.reader), OK);
	/* A reader opens its file at the first look-up. */
	assert_int_equal(rename(db, away), 0);
	struct sent s = send();
	assert_int_equal(rename(away, db), 0);
	assert_true(s.counts.recall_failed);
	assert_false(s.counts.record_failed);
	assert_spans_equal(text_of(&s, 0), form);
	assert_spans_equal(text_of(&s, 1), rows(2));
	assert_int_equal(s.counts.skipped[LEDGER_SKIP_STORE], 1);
	s = send();
	assert_false(s.counts.recall_failed);
	assert_spans_equal(text_of(&s, 0), form);
	assert_spans_equal(text_of(&s, 1), rows(2));
}

/* ---- memory ---- */

static void
lack_of_memory_leaves_the_body_or_a_right_answer(void **state)
{
	(void)state;
	const struct span form = begun();
	int failed = 0;
	int done = 0;

	turn("toolu_2", "list", rows(2));
	const struct sent seen = looked_at();
	for (size_t limit = 1000; limit < 2000000; limit += limit / 4) {
		struct ledger_plan *plan = NULL;
		struct store_batch *batch = NULL;
		struct json_edit *edits = NULL;
		struct ledger_counts c;
		size_t n = 0;
		struct arena a;

		arena_init(&a, limit);
		if (ledger_plan(&seen.view, &seen.doc, &rig_policy, rig.reader, &a, &plan, &batch) ==
		    OK) {
			/* Not recorded, so that the next try finds the same. */
			assert_int_equal(ledger_edits(plan, batch ? ERR_IO : OK, &edits, &n, &c), OK);
			assert_int_equal(n, 1);
			const struct chat_spelling how = { 0 };
			struct buf b;
			buf_init(&b, 1 << 20);
			chat_string(&b, form, &how);
			assert_spans_equal(edits[0].with, buf_span(&b));
			buf_free(&b);
			done++;
		} else {
			failed++;
		}
		arena_free(&a);
	}
	assert_true(failed > 3 && done > 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, teardown)
	const struct CMUnitTest tests[] = {
		T(a_form_is_sent_again_as_the_conversation_grows),
		T(a_replayed_turn_costs_no_write),
		T(a_restart_forgets_nothing),
		T(everything_else_keeps_its_bytes),
		T(spelling_is_no_part_of_a_block),
		T(the_first_message_the_tool_and_its_arguments_are_no_part),
		T(the_call_and_the_text_are),
		T(another_tenant_has_decisions_of_its_own),
		T(blocks_that_are_equal_share_one_decision),
		T(what_was_met_half_way_stays),
		T(adopting_may_be_asked_for),
		T(half_way_with_a_repeated_id),
		T(blocks_are_left_alone_for_a_reason),
		T(long_errors_are_no_exception),
		T(short_blocks_take_no_part),
		T(half_a_surrogate_pair_is_left_alone),
		T(recorded_forms_outlive_every_setting),
		T(a_bypassed_turn_is_verbatim_and_remembered),
		T(a_bypassed_block_with_a_form_stays_verbatim_on_that_turn_only),
		T(compaction_keeps_the_forms_of_the_turns_it_keeps),
		T(twins_of_a_request_agree),
		T(a_form_of_another_engine_wins_if_it_was_first),
		T(the_loser_of_a_race_sends_the_winners_bytes),
		T(a_verbatim_winner_takes_the_form_away),
		T(what_could_not_be_recorded_is_not_sent),
		T(a_failed_look_up_is_made_good_by_the_batch),
		T(lack_of_memory_leaves_the_body_or_a_right_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
