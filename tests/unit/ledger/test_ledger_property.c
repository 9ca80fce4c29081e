/* Random conversations, grown turn by turn the way real clients grow them, with
 * faults. Two things must hold in every one:
 *
 * - what went upstream at turn N is a prefix of what goes at N + 1, up to the first
 *   place where the client changed its own;
 * - every block goes as an oracle of a few lines says: as it was recorded first, else
 *   verbatim if an assistant's message stands after it;
 * - every marker that leaves names an original that is there, to the byte, though originals
 *   are lost all the time; and it only goes to those who can redeem it.
 *
 * HEADROOM_WORLDS is their number, HEADROOM_SEED the first one's seed. */
#include "unit.h"

#include <sqlite3.h>

#include "base/hash.h"
#include "canonical.h"
#include "rig.h"

enum { WORLDS = 300, WORLDS_A_FOLDER = 10, LINES = 3, OUTPUTS = 12 };

/* Sanitizers slow us down ten times and more. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { USUAL_WORLDS = 50 };
#else
enum { USUAL_WORLDS = WORLDS };
#endif

/* ---- chance ---- */

static uint64_t chance;

static uint32_t
below(uint32_t n)
{
	/* xorshift64* (Vigna 2016). */
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (uint32_t)((chance * 2685821657736338717u) >> 33) % n;
}

static bool
percent(uint32_t p)
{
	return below(100) < p;
}

/* ---- what must hold, seen from outside ---- */

struct known {
	struct known *next;
	struct span id;
	struct span text;
	bool redeemable;	/* for whom */
	struct span form;
};

/* Of one folder. */
static struct {
	struct known *buckets[1024];
	struct arena arena;
} oracle;

static struct known **
known_place(struct span id, struct span text, bool redeemable)
{
	struct known **at = &oracle.buckets[(hash_stable(id) ^ hash_stable(text)) % 1024];

	while (*at && !(span_eq((*at)->id, id) && span_eq((*at)->text, text) &&
			(*at)->redeemable == redeemable))
		at = &(*at)->next;
	return at;
}

/* The hash in a form's marker line, or SPAN_NONE. */
static struct span
marker_hash(struct span form)
{
	const char *const at = form.n ? memmem(form.p, form.n, "Retrieve more: hash=", 20) : NULL;

	return at ? span_of(at + 20, STORE_HASH_DIGITS) : SPAN_NONE;
}

/* What a request must get for a block, or NULL when it decides itself. */
static const struct known *
recorded(struct span id, struct span text, bool redeemable)
{
	const struct known *const own = *known_place(id, text, redeemable);
	const struct known *const other = *known_place(id, text, !redeemable);

	if (own)
		return own;
	return other && (redeemable || !marker_hash(other->form).p) ? other : NULL;
}

static void
learn(struct span id, struct span text, bool redeemable, struct span form)
{
	struct known **const place = known_place(id, text, redeemable);
	struct known *const k = arena_zalloc(&oracle.arena, sizeof *k);

	assert_non_null(k);
	k->id = arena_copy(&oracle.arena, id);
	k->text = arena_copy(&oracle.arena, text);
	k->redeemable = redeemable;
	k->form = arena_copy(&oracle.arena, form);
	*place = k;
}

/* What happened, so that a test of nothing can not pass. */
static struct {
	uint32_t turns, replayed_forms, compressed, adopted, bypassed, refused, direct, raced,
		restarts, compared_forms, forks, compactions, rewinds, retries, changes, markers,
		losses, lost_in_need;
} seen;

/* ---- a world ---- */

enum mode {
	MODE_NORMAL,
	MODE_BYPASS,
	MODE_REFUSED,	/* the store records nothing */
	MODE_DIRECT,	/* past us, to the provider itself */
	MODE_RACE,	/* twice at once, through two processes */
};

/* One line of a conversation that may fork. */
struct line {
	struct chat chat;
	struct canonical asked;		/* of its last turn: as the client sent it … */
	struct canonical sent;		/* … and as it went upstream */
	enum mode mode;
	bool redeemable;
	bool has_turn;
};

static struct world {
	enum wire_format format;
	bool weak_ids;
	bool redeemable;
	uint32_t number;
	uint32_t next_id;
	struct line *lines[LINES];
	uint32_t line_count;
	struct span outputs[OUTPUTS];
	struct arena arena;
} world;

static struct rig rigs[2];	/* two processes on one folder */

static struct span
printed(const char *fmt, uint32_t a, uint32_t b)
{
	struct buf t;

	buf_init(&t, 4096);
	buf_addf(&t, "%s %u.%u", fmt, a, b);
	const struct span s = arena_copy(&world.arena, buf_span(&t));
	buf_free(&t);
	return s;
}

static void
add_row(struct buf *b, uint32_t i, bool pretty, uint32_t kind)
{
	static const char *const words[] = { "ok", "failed", "caf\xc3\xa9 \\\"x\\\"", "/srv/a/b.c", "" };
	const char *const gap = pretty ? "\n    " : "";
	const char *const colon = pretty ? ": " : ":";

	buf_addf(b, "{%s\"id\"%s%u,%s\"state\"%s\"%s\"", gap, colon, i * 7 + kind, gap, colon,
		 words[below(5)]);
	if (kind % 2)
		buf_addf(b, ",%s\"at\"%s\"2026-01-%02uT10:00:00Z\"", gap, colon, i % 28 + 1);
	if (kind % 3 == 0 || percent(20))
		buf_addf(b, ",%s\"size\"%s%u.50", gap, colon, below(10000));
	buf_add_str(b, pretty ? "\n  }" : "}");
}

/* A tool's output: JSON of several looks, or not JSON. */
static struct span
new_output(void)
{
	struct buf b;
	const uint32_t kind = below(10);
	const uint32_t n = kind == 7 ? 120 : 2 + below(24);
	const bool lines = kind == 1;

	buf_init(&b, 1 << 20);
	if (kind > 7) {
		for (uint32_t i = 0, rows = 60 + below(60); i < rows; i++)
			buf_addf(&b, "%s{\"at\":%u,\"event\":\"request served %u\",\"ms\":%u}", i ? "," : "[",
				 1000 + i * 3, i % 7, 20 + below(30));
		buf_add_str(&b, "]");
	} else if (kind == 2) {
		buf_addf(&b, "done %u", below(1000));
	} else if (kind == 3) {
		for (uint32_t i = 0; i < n; i++)
			buf_addf(&b, "src/a%u.c:%u:\tif (x < %u) \"quoted\"\n", i, below(900), below(9));
	} else {
		buf_add_str(&b, lines ? "" : "[");
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_add_str(&b, lines ? "\n" : ", ");
			add_row(&b, i, !lines && kind != 4, kind);
		}
		buf_add_str(&b, lines ? "\n" : "]");
	}
	const struct span s = arena_copy(&world.arena, buf_span(&b));
	buf_free(&b);
	assert_non_null(s.p);
	return s;
}

static void
add_call(struct chat_turn *t)
{
	static const char *const tools[] = { "list", "search", "query", "Read", "bash", "mcp__db__rows" };
	/* A weak id comes again and again, in all conversations. */
	const struct span id = world.weak_ids ?
				       printed("call", 0, below(2)) :
				       printed("toolu", world.number, world.next_id++);
	struct span *const pick = &world.outputs[below(OUTPUTS)];

	/* Some outputs come twice: a command that is run again. */
	if (!pick->p || percent(80))
		*pick = new_output();
	struct chat_call *const c =
		chat_call(t, id, span_str(tools[below(6)]), *pick);
	c->is_error = percent(8);
	if (percent(30))
		c->arguments = SPAN("{\"command\":\"cat x.json\"}");
}

static void
grow(struct chat *c)
{
	if (c->count == 0 || percent(10))
		chat_user(c, printed("please", world.number, world.next_id++));
	struct chat_turn *const t = chat_assistant(c, percent(50) ? SPAN("let me see") : SPAN_NONE);
	const uint32_t n = 1 + below(CHAT_CALLS);

	for (uint32_t i = 0; i < n; i++)
		add_call(t);
	if (percent(20)) {
		chat_assistant(c, SPAN("that is it"));
		chat_user(c, printed("now", world.number, world.next_id++));
	}
}

/* ---- what clients do between turns ---- */

static void
rewind_line(struct chat *c)
{
	c->count = 1 + below(c->count);
	if (percent(50))
		chat_user(c, printed("rather", world.number, world.next_id++));
	seen.rewinds++;
}

/* Something earlier is another now. */
static void
change(struct chat *c)
{
	struct chat_turn *const t = &c->turns[below(c->count)];

	if (t->user.p)
		t->user = printed("edited", world.number, world.next_id++);
	else if (t->call_count && percent(50))
		t->calls[0].output = SPAN("[old result cleared]");
	else
		t->said = SPAN("so be it");
	seen.changes++;
}

static void
compact(struct chat *c)
{
	const uint32_t keep = percent(30) ? 0 : below(4);
	const uint32_t from = c->count > keep ? c->count - keep : 0;

	memmove(c->turns + 1, c->turns + from, (c->count - from) * sizeof *c->turns);
	c->turns[0] = (struct chat_turn){ .user = printed("summary", world.number, world.next_id++) };
	c->count = c->count - from + 1;
	seen.compactions++;
}

static struct line *
new_line(const struct line *from)
{
	struct line *const l = arena_zalloc(&world.arena, sizeof *l);

	assert_non_null(l);
	if (from)
		*l = *from;
	world.lines[world.line_count++] = l;
	return l;
}

/* Changes the line as a client would. */
static void
next_request(struct line *l)
{
	struct chat *const c = &l->chat;
	const uint32_t what = below(100);

	if (c->count + 6 >= CHAT_MESSAGES)
		compact(c);
	if (c->count == 0 || what < 66) {
		grow(c);
		return;
	}
	if (what < 76)
		seen.retries++;
	else if (what < 82)
		rewind_line(c);
	else if (what < 90)
		change(c);
	else if (what < 95)
		compact(c);
	else if (world.line_count < LINES)
		new_line(l), seen.forks++;
}

/* ---- a turn ---- */

static struct ledger_policy
some_policy(void)
{
	static const uint32_t floors[] = { 20, 150, 400, 1000000 };
	struct ledger_policy p = rig_policy;

	if (percent(25))
		p.floor_tokens = floors[below(4)];
	if (percent(5))
		p.profile = PROFILE_OFF;
	if (percent(5))
		p.exclude_tools = "qu*,Search";
	if (percent(5))
		p.shrink = false;
	if (percent(3))
		p.adopt_compress = true;
	p.redeemable = percent(95) ? world.redeemable : !world.redeemable;
	if (p.profile != PROFILE_OFF && percent(80))
		p.profile = percent(80) ? PROFILE_BALANCED : PROFILE_AGGRESSIVE;
	return p;
}

static struct chat_spelling
some_spelling(void)
{
	static const char *const systems[] = { "be brief", "be brief. Today is Monday.", "x" };

	return (struct chat_spelling){
		.parts = percent(40), .marks = percent(70), .escapes = percent(10),
		.pretty = percent(20), .system = percent(80) ? span_str(systems[below(3)]) : SPAN_NONE,
	};
}

/* ---- originals ---- */

static bool
is_there(struct span hash, struct span text, struct arena *a)
{
	struct store_found f;

	assert_int_equal(store_original_get(rigs[below(2)].reader, rig_policy.tenant, hash, a, &f), OK);
	if (f.miss == STORE_NO_MISS)
		assert_true(span_eq(f.original.text, text));
	return f.miss == STORE_NO_MISS;
}

/* Some go, as another process might drop them. */
static void
lose_originals(void)
{
	char path[200];
	char sql[80];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s/headroom.db", rigs[0].folder);
	snprintf(sql, sizeof sql, "DELETE FROM originals WHERE id %% 3 <> %u", below(4));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	seen.losses += sqlite3_changes(db) > 0;
	sqlite3_close(db);
}

/* Of the body's blocks, those whose recorded marker names nothing now. */
static bool *
find_lost(struct span body, bool redeemable, struct arena *a)
{
	struct json_doc d;
	struct wire_view v;
	struct span text;

	assert_int_equal(json_scan(body, &rig_limits, a, &d), OK);
	assert_int_equal(wire_view(world.format, &d, a, &v), OK);
	bool *const lost = arena_zalloc(a, v.block_count + 1);
	for (uint32_t i = 0; i < v.block_count; i++) {
		assert_int_equal(json_string(&d, v.blocks[i].node, a, &text), OK);
		const struct known *const k = recorded(v.blocks[i].call_id, text, redeemable);
		const struct span hash = k ? marker_hash(k->form) : SPAN_NONE;

		lost[i] = hash.p && !is_there(hash, text, a);
	}
	return lost;
}

/* Nobody gets a marker that he can not redeem. */
static void
check_marker(struct span sent, struct span text, const struct ledger_policy *p, struct arena *a)
{
	const struct span hash = marker_hash(sent);

	if (!hash.p)
		return;
	assert_true(p->redeemable && !p->bypass);
	assert_true(is_there(hash, text, a));
	seen.markers++;
}

/* Every block of a turn, against the oracle. */
static void
check_blocks(const struct sent *s, enum mode mode, const struct ledger_policy *p, const bool *lost,
	     struct arena *a)
{
	struct json_doc d;
	struct wire_view v;

	assert_int_equal(json_scan(s->body, &rig_limits, a, &d), OK);
	assert_int_equal(wire_view(world.format, &d, a, &v), OK);
	assert_int_equal(v.block_count, s->view.block_count);
	for (uint32_t i = 0; i < v.block_count; i++) {
		const struct wire_block *const b = &s->view.blocks[i];
		struct span text;
		struct span sent;

		assert_int_equal(json_string(&s->doc, b->node, a, &text), OK);
		assert_int_equal(json_string(&d, v.blocks[i].node, a, &sent), OK);
		const struct known *const k = recorded(b->call_id, text, p->redeemable);

		check_marker(sent, text, p, a);
		if (mode == MODE_BYPASS || (mode == MODE_REFUSED && lost[i]))
			assert_true(span_eq(sent, text));
		else if (k)
			assert_true(span_eq(sent, k->form));
		else if (mode == MODE_REFUSED || (!b->fresh && !p->adopt_compress))
			assert_true(span_eq(sent, text));
		if (k && !span_eq(text, k->form) && mode != MODE_BYPASS)
			seen.replayed_forms++;
		if (!k && mode != MODE_REFUSED && (mode != MODE_BYPASS || b->fresh))
			learn(b->call_id, text, p->redeemable, sent);
	}
	/* Only strings of blocks are replaced. */
	uint32_t block = 0;
	for (size_t i = 0; i < s->edit_count; i++, block++)
		while (s->doc.nodes[s->view.blocks[block].node].off != s->edits[i].off)
			assert_true(++block < s->view.block_count);
}

/* What the provider has cached since the last turn of this line. Of a turn that was not
 * ours as a whole, the oracle knows what must stay. */
static void
check_prefix(struct line *l, const struct canonical *asked, const struct canonical *sent,
	     enum mode mode, bool redeemable)
{
	const bool was_ours = l->mode == MODE_NORMAL || l->mode == MODE_RACE;

	assert_int_equal(asked->count, sent->count);
	if (!l->has_turn || !was_ours || mode == MODE_BYPASS || mode == MODE_DIRECT ||
	    l->redeemable != redeemable)
		return;
	const uint32_t common = canonical_common(&l->asked, asked);
	assert_true(canonical_common(&l->sent, sent) >= common);
	for (uint32_t i = 0; i < common; i++)
		seen.compared_forms += !span_eq(asked->items[i], sent->items[i]);
}

/* Both have planned before either is recorded; both must send the same. */
static struct sent
race(struct span body, const struct ledger_policy *p)
{
	struct ledger_plan *plan[2];
	struct store_batch *batch[2];
	struct sent s[2] = { 0 };
	struct ledger_policy policies[2] = { *p, some_policy() };

	/* Two processes may be set up differently. */
	policies[1].adopt_compress = p->adopt_compress;
	policies[1].redeemable = p->redeemable;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(json_scan(body, &rig_limits, &rigs[i].arena, &s[i].doc), OK);
		assert_int_equal(wire_view(world.format, &s[i].doc, &rigs[i].arena, &s[i].view), OK);
		assert_int_equal(ledger_plan(&s[i].view, &s[i].doc, &policies[i], rigs[i].reader,
					     &rigs[i].arena, &plan[i], &batch[i]), OK);
	}
	const int first = (int)below(2);
	for (int k = 0; k < 2; k++) {
		const int i = k ? !first : first;
		struct buf out;

		if (batch[i]) {
			batch[i]->done = scratch_never_called;
			assert_int_equal(store_write(rigs[i].store, batch[i]), OK);
		}
		assert_int_equal(ledger_edits(plan[i], OK, &s[i].edits, &s[i].edit_count,
					      &s[i].counts), OK);
		buf_init(&out, (size_t)1 << 28);
		json_splice(body, s[i].edits, s[i].edit_count, &out);
		s[i].body = arena_copy(&rigs[i].arena, buf_span(&out));
		buf_free(&out);
	}
	assert_true(span_eq(s[0].body, s[1].body));
	seen.raced++;
	return s[first];
}

static struct sent
send_in(enum mode mode, struct span body, struct ledger_policy *p)
{
	static const enum err refusals[] = { ERR_BUSY, ERR_IO, ERR_NOMEM };
	const enum err refuse = mode == MODE_REFUSED ? refusals[below(3)] : OK;

	p->bypass = mode == MODE_BYPASS;
	if (mode == MODE_RACE)
		return race(body, p);
	seen.bypassed += mode == MODE_BYPASS;
	seen.refused += mode == MODE_REFUSED;
	return rig_send_body(&rigs[below(2)], world.format, body, p, refuse);
}

static enum mode
some_mode(void)
{
	const uint32_t n = below(100);

	return n < 74 ? MODE_NORMAL : n < 82 ? MODE_RACE : n < 88 ? MODE_BYPASS :
	       n < 94 ? MODE_REFUSED : MODE_DIRECT;
}

static struct canonical
kept(const struct canonical *c)
{
	struct canonical k = { ARENA_ARRAY(&world.arena, struct span, (size_t)c->count), c->count };

	for (uint32_t i = 0; i < c->count; i++)
		k.items[i] = arena_copy(&world.arena, c->items[i]);
	return k;
}

static void
take_turn(struct line *l)
{
	const enum mode mode = some_mode();
	const struct chat_spelling how = some_spelling();
	struct ledger_policy policy = some_policy();
	bool needed = false;
	struct arena a;
	struct buf b;
	struct sent s;

	arena_init(&a, (size_t)1 << 28);
	buf_init(&b, (size_t)1 << 26);
	chat_body(&b, world.format, &l->chat, &how);
	const struct span body = buf_span(&b);
	if (mode == MODE_DIRECT) {
		s = (struct sent){ .body = body };
		seen.direct++;
	} else {
		const bool *const lost = find_lost(body, policy.redeemable, &a);

		s = send_in(mode, body, &policy);
		check_blocks(&s, mode, &policy, lost, &a);
		for (uint32_t i = 0; i < s.view.block_count && mode == MODE_REFUSED; i++)
			needed |= lost[i];
		seen.lost_in_need += needed;
		seen.compressed += s.counts.compressed;
		seen.adopted += s.counts.adopted;
	}
	const struct canonical asked = canonical_messages(body, &a);
	const struct canonical sent = canonical_messages(s.body, &a);
	/* A marker that could not be redeemed had to go, whatever it costs. */
	if (!needed)
		check_prefix(l, &asked, &sent, mode, policy.redeemable);
	l->asked = kept(&asked);
	l->sent = kept(&sent);
	l->mode = mode;
	l->redeemable = policy.redeemable;
	l->has_turn = true;
	seen.turns++;
	buf_free(&b);
	arena_free(&a);
	arena_free(&rigs[0].arena);
	arena_free(&rigs[1].arena);
}

static void
live(uint32_t number, uint64_t seed)
{
	chance = seed * 0x9e3779b97f4a7c15u + 1;
	memset(&world, 0, sizeof world);
	arena_init(&world.arena, (size_t)1 << 30);
	world.number = number;
	world.format = percent(50) ? WIRE_OPENAI_CHAT : WIRE_ANTHROPIC_MESSAGES;
	world.weak_ids = world.format == WIRE_OPENAI_CHAT && percent(50);
	world.redeemable = percent(60);
	struct line *first = new_line(NULL);

	/* Some are met half-way. */
	for (uint32_t n = percent(40) ? below(4) : 0; n > 0; n--)
		grow(&first->chat);
	for (uint32_t n = 6 + below(14); n > 0; n--) {
		struct line *const l = world.lines[below(world.line_count)];

		next_request(l);
		if (percent(30))
			lose_originals();
		take_turn(l);
		if (percent(4)) {
			struct rig *const r = &rigs[below(2)];

			rig_stop(r);
			rig_start(r);
			seen.restarts++;
		}
	}
	arena_free(&world.arena);
}

static void
open_folder(void)
{
	rig_open(&rigs[0]);
	memcpy(rigs[1].folder, rigs[0].folder, sizeof rigs[1].folder);
	arena_init(&rigs[1].arena, (size_t)1 << 30);
	rig_start(&rigs[1]);
	memset(oracle.buckets, 0, sizeof oracle.buckets);
	arena_init(&oracle.arena, (size_t)1 << 30);
}

static void
close_folder(void)
{
	rig_stop(&rigs[1]);
	arena_free(&rigs[1].arena);
	rig_close(&rigs[0]);
	arena_free(&oracle.arena);
}

static uint64_t now_playing;

static int
say_where(void **state)
{
	(void)state;
	print_message("last folder: HEADROOM_SEED=%llu\n", (unsigned long long)now_playing);
	return 0;
}

static uint64_t
asked_for(const char *name, uint64_t otherwise)
{
	const char *const v = getenv(name);

	return v ? strtoull(v, NULL, 10) : otherwise;
}

static void
every_prefix_holds(void **state)
{
	(void)state;
	const uint64_t seed = asked_for("HEADROOM_SEED", 1);
	const uint64_t n = asked_for("HEADROOM_WORLDS", USUAL_WORLDS);

	for (uint64_t i = 0; i < n; i++) {
		if (i % WORLDS_A_FOLDER == 0)
			open_folder();
		/* What to give to see it again; a folder's worlds share weak ids. */
		now_playing = seed + i - i % WORLDS_A_FOLDER;
		live((uint32_t)i, seed + i);
		if ((i + 1) % WORLDS_A_FOLDER == 0 || i + 1 == n)
			close_folder();
	}
	print_message("%u turns: %u new forms, %u sent again, %u of them within a compared prefix; "
		      "%u adopted, %u bypassed, %u refused, %u direct, %u raced, %u restarts, "
		      "%u forks, %u rewinds, %u retries, %u changes, %u compactions; %u markers, "
		      "%u losses of originals, %u of them felt\n",
		      seen.turns, seen.compressed, seen.replayed_forms, seen.compared_forms,
		      seen.adopted, seen.bypassed, seen.refused, seen.direct, seen.raced,
		      seen.restarts, seen.forks, seen.rewinds, seen.retries, seen.changes,
		      seen.compactions, seen.markers, seen.losses, seen.lost_in_need);
	if (n < WORLDS)
		return;
	assert_true(seen.compressed > 700 && seen.replayed_forms > 2500);
	assert_true(seen.compared_forms > 2000 && seen.adopted > 500 && seen.restarts > 50);
	assert_true(seen.bypassed > 50 && seen.refused > 50 && seen.direct > 50 && seen.raced > 50);
	assert_true(seen.markers > 500 && seen.losses > 50 && seen.lost_in_need > 2);
	assert_true(seen.forks > 20 && seen.rewinds > 20 && seen.compactions > 20);
}

int
main(void)
{
	/* Nothing here is about disks: memory saves waiting for them. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_prefix_holds, say_where),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
