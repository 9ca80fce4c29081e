/* Events → sums, and events ↔ bytes.
 *
 * Packed: a version byte, the number of members, then the members of each event as
 * LEB128 variable-length numbers, signed ones zigzagged. A name is its place
 * among the names before it; the first time it is their number, and then its length
 * and bytes. A tally is the number of its sorts, then sort and count of each. */
#include "stats/event.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1

enum sort { SORT_NAME, SORT_UINT32, SORT_UINT64, SORT_INT64, SORT_TALLY };

static const struct member {
	uint16_t offset;
	uint16_t sort;
} members[] = {
#define EVENT_NAME(member_) { offsetof(struct usage_event, member_), SORT_NAME },
#define EVENT_NUMBER(type_, member_)                                                               \
	{ offsetof(struct usage_event, member_),                                                   \
	  _Generic((type_)0, uint32_t: SORT_UINT32, uint64_t: SORT_UINT64, int64_t: SORT_INT64) },
#define EVENT_TALLY(member_) { offsetof(struct usage_event, member_), SORT_TALLY },
#include "stats/event.def"
#undef EVENT_NAME
#undef EVENT_NUMBER
#undef EVENT_TALLY
};

#define MEMBERS (sizeof members / sizeof *members)

/* ---- sums ---- */

static bool
has(const struct usage_event *e, enum event_flag flag)
{
	return e->flags & (unsigned)flag;
}

void
event_sums(const struct usage_event *e, struct usage_sums *out)
{
	*out = (struct usage_sums){ .v = {
		[USAGE_requests] = 1,
		[USAGE_cached] = e->outcome == EVENT_CACHED,
		[USAGE_limited] = e->outcome == EVENT_LIMITED,
		[USAGE_failed] = e->outcome == EVENT_FAILED,
		[USAGE_rejected] = e->outcome == EVENT_OK && e->status >= 400,
		[USAGE_truncated] = e->outcome == EVENT_TRUNCATED,
		[USAGE_compressed] = has(e, EVENT_CHANGED),
		[USAGE_estimated] = has(e, EVENT_ESTIMATED),
		[USAGE_unpriced] = has(e, EVENT_UNPRICED),
		[USAGE_cache_hits] = e->cache_read > 0,
		[USAGE_prompt_tokens] = (int64_t)event_prompt_tokens(e),
		[USAGE_saved_tokens] = event_saved_tokens(e),
		[USAGE_removed_tokens] = e->tokens_before > e->tokens_after ?
						 (int64_t)(e->tokens_before - e->tokens_after) : 0,
		[USAGE_tried_tokens] = (int64_t)e->tokens_tried,
		[USAGE_uncached_tokens] = (int64_t)e->uncached,
		[USAGE_cache_read_tokens] = (int64_t)e->cache_read,
		[USAGE_cache_write_5m_tokens] = (int64_t)e->cache_write_5m,
		[USAGE_cache_write_1h_tokens] = (int64_t)e->cache_write_1h,
		[USAGE_output_tokens] = (int64_t)e->output,
		[USAGE_hidden_tokens] = (int64_t)(e->hidden_prompt + e->hidden_output),
		[USAGE_cost] = e->cost,
		[USAGE_prompt_cost] = e->prompt_cost,
		[USAGE_saved_cost] = e->saved_cost,
		[USAGE_removed_cost] = e->removed_cost,
		[USAGE_hidden_cost] = e->hidden_cost,
		[USAGE_cache_saved_cost] = e->cache_saved_cost,
		[USAGE_cache_extra_cost] = e->cache_extra_cost,
		[USAGE_total_us] = (int64_t)e->total_us,
		[USAGE_overhead_us] = (int64_t)e->overhead_us,
		[USAGE_first_byte_us] = has(e, EVENT_FIRST_BYTE) ? (int64_t)e->first_byte_us : 0,
		[USAGE_first_bytes] = has(e, EVENT_FIRST_BYTE),
	} };
}

/* ---- packing ---- */

static void
put(struct buf *out, uint64_t v)
{
	char bytes[10];
	size_t n = 0;

	do {
		bytes[n++] = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
	buf_add(out, bytes, n);
}

static uint64_t
load(const struct usage_event *e, const struct member *m)
{
	const char *const p = (const char *)e + m->offset;
	uint16_t name;
	uint32_t u32;
	uint64_t u64;

	switch ((enum sort)m->sort) {
	case SORT_NAME:
		memcpy(&name, p, sizeof name);
		return name;
	case SORT_UINT32:
		memcpy(&u32, p, sizeof u32);
		return u32;
	case SORT_UINT64:
	case SORT_INT64:
	case SORT_TALLY:
		break;
	}
	memcpy(&u64, p, sizeof u64);
	return u64;
}

static uint64_t
zigzag(uint64_t v)
{
	return v << 1 ^ (v >> 63 ? UINT64_MAX : 0);
}

static uint64_t
unzigzag(uint64_t v)
{
	return v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
}

static void
put_name(struct event_packer *p, uint64_t number)
{
	const uint16_t n = (uint16_t)(number < NAMES_MAX ? number : 0);

	if (p->places[n]) {
		put(&p->out, p->places[n] - 1u);
		return;
	}
	const struct span text = names_text(p->names, n);
	put(&p->out, p->spelled);
	put(&p->out, text.n);
	buf_add_span(&p->out, text);
	p->places[n] = ++p->spelled;
}

void
event_packer_init(struct event_packer *p, const struct names *names, size_t limit)
{
	p->names = names;
	buf_init(&p->out, limit);
	event_packer_clear(p);
}

void
event_packer_free(struct event_packer *p)
{
	buf_free(&p->out);
}

void
event_packer_clear(struct event_packer *p)
{
	buf_clear(&p->out);
	p->count = 0;
	p->spelled = 0;
	memset(p->places, 0, sizeof p->places);
}

void
event_tally_add(struct event_tally *t, unsigned sort, uint32_t count)
{
	if (count == 0 || t->n == EVENT_TALLY_SORTS)
		return;
	t->of[t->n].sort = (uint8_t)sort;
	t->of[t->n++].count = count;
}

static void
put_tally(struct buf *out, const struct event_tally *t)
{
	put(out, t->n);
	for (uint32_t i = 0; i < t->n; i++) {
		put(out, t->of[i].sort);
		put(out, t->of[i].count);
	}
}

static void
put_members(struct event_packer *p, const struct usage_event *e)
{
	for (size_t k = 0; k < MEMBERS; k++) {
		if (members[k].sort == SORT_TALLY) {
			put_tally(&p->out, (const void *)((const char *)e + members[k].offset));
			continue;
		}
		const uint64_t v = load(e, &members[k]);

		if (members[k].sort == SORT_NAME)
			put_name(p, v);
		else
			put(&p->out, members[k].sort == SORT_INT64 ? zigzag(v) : v);
	}
}

enum err
event_pack(struct event_packer *p, const struct usage_event *e)
{
	const size_t before = p->out.n;
	const uint16_t spelled = p->spelled;

	if (p->count == 0) {
		buf_add_char(&p->out, VERSION);
		put(&p->out, MEMBERS);
	}
	put_members(p, e);
	const enum err failed = buf_err(&p->out);
	if (failed == OK) {
		p->count++;
		return OK;
	}
	p->out.err = OK;
	buf_truncate(&p->out, before);
	for (size_t n = 0; n < NAMES_MAX; n++)
		if (p->places[n] > spelled)
			p->places[n] = 0;
	p->spelled = spelled;
	return failed;
}

/* ---- unpacking ---- */

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t
get(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (c->at == c->end)
			break;
		const uint8_t b = *c->at++;

		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	c->bad = true;
	return 0;
}

static void
store_member(struct usage_event *e, const struct member *m, uint64_t v)
{
	char *const p = (char *)e + m->offset;
	const uint16_t name = (uint16_t)v;
	const uint32_t u32 = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;

	switch ((enum sort)m->sort) {
	case SORT_NAME:
		memcpy(p, &name, sizeof name);
		return;
	case SORT_UINT32:
		memcpy(p, &u32, sizeof u32);
		return;
	case SORT_UINT64:
	case SORT_INT64:
	case SORT_TALLY:
		break;
	}
	memcpy(p, &v, sizeof v);
}

struct unpacked {
	struct names *names;
	uint16_t numbers[NAMES_MAX];	/* by place */
	uint16_t spelled;
	struct usage_event *events;
	uint32_t count, room;
};

/* A name's number; spells it when it is new. */
static uint64_t
get_name(struct cursor *c, struct unpacked *u)
{
	const uint64_t place = get(c);

	if (c->bad || place < u->spelled)
		return c->bad ? 0 : u->numbers[place];
	const uint64_t n = get(c);
	if (c->bad || place != u->spelled || place == NAMES_MAX || n > (size_t)(c->end - c->at)) {
		c->bad = true;
		return 0;
	}
	u->numbers[place] = names_number(u->names, span_of((const char *)c->at, n));
	u->spelled++;
	c->at += n;
	return u->numbers[place];
}

static void
get_tally(struct cursor *c, struct event_tally *t)
{
	const uint64_t n = get(c);

	for (uint64_t i = 0; i < n && !c->bad; i++) {
		const uint64_t sort = get(c), count = get(c);

		event_tally_add(t, (unsigned)(sort & 0xff), (uint32_t)count);
	}
}

static void
unpack_one(struct cursor *c, uint64_t member_count, struct unpacked *u, struct usage_event *e)
{
	*e = (struct usage_event){ 0 };
	for (uint64_t k = 0; k < member_count && !c->bad; k++) {
		const enum sort sort = (enum sort)members[k].sort;

		if (sort == SORT_TALLY) {
			get_tally(c, (void *)((char *)e + members[k].offset));
			continue;
		}
		const uint64_t v = sort == SORT_NAME ? get_name(c, u) : get(c);

		store_member(e, &members[k], sort == SORT_INT64 ? unzigzag(v) : v);
	}
}

static enum err
make_room(struct unpacked *u)
{
	if (u->count < u->room)
		return OK;
	const uint32_t room = u->room ? 2 * u->room : 64;
	struct usage_event *const more = reallocarray(u->events, room, sizeof *more);
	if (!more)
		return ERR_NOMEM;
	u->events = more;
	u->room = room;
	return OK;
}

enum err
events_unpack(struct span packed, struct names *names, struct usage_event **out, uint32_t *n)
{
	struct cursor c = { (const uint8_t *)packed.p, (const uint8_t *)packed.p + packed.n, false };
	struct unpacked u = { .names = names };
	enum err e = OK;

	if (packed.n == 0 || *c.at++ != VERSION)
		return ERR_SYNTAX;
	const uint64_t member_count = get(&c);
	if (member_count == 0 || member_count > MEMBERS)
		return ERR_SYNTAX;
	while (e == OK && c.at < c.end) {
		e = make_room(&u);
		if (e == OK)
			unpack_one(&c, member_count, &u, &u.events[u.count++]);
		if (c.bad)
			e = ERR_SYNTAX;
	}
	if (e != OK) {
		free(u.events);
		return e;
	}
	*out = u.events;
	*n = u.count;
	return OK;
}
