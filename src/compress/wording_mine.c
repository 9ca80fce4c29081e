#include "compress/wording_mine.h"

#include "compress/affix.h"

#define CHAIN 4u	/* groups that a text is compared with */
#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u

/* Texts that are alike so far. */
struct group {
	uint64_t key;
	uint32_t next;		/* in its bucket, 1 + place; 0: none */
	uint32_t first;		/* text */
	uint32_t texts;
	uint32_t varies;
	uint32_t mold;		/* 1 + place; 0: none */
	uint32_t words;
	uint16_t end[WORDING_WORDS];	/* of each word in the first text */
};

struct miner {
	const struct span *texts;
	uint32_t n;
	struct group *groups;
	uint32_t group_count, group_room;
	uint32_t *heads;	/* per bucket: 1 + group */
	uint32_t mask;
	uint32_t *group_of;	/* per text: 1 + group */
	uint64_t steps;
};

static bool
is_digit(const char c)
{
	return c >= '0' && c <= '9';
}

/* False: it is empty, too long, or holds a control. */
static bool
split(const struct span text, struct wording_words *const w)
{
	size_t from = 0;

	w->count = 0;
	if (text.n == 0 || text.n > WORDING_BYTES)
		return false;
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != ' ') {
			if ((unsigned char)text.p[i] < ' ')
				return false;
			continue;
		}
		if (w->count == WORDING_WORDS)
			return false;
		w->word[w->count++] = span_of(text.p + from, i - from);
		from = i + 1;
	}
	return true;
}

/* The words of the group's first text. */
static void
words_of(const struct miner *const m, const struct group *const g, struct wording_words *const w)
{
	const struct span text = m->texts[g->first];
	size_t from = 0;

	w->count = g->words;
	for (uint32_t i = 0; i < g->words; i++) {
		w->word[i] = span_of(text.p + from, g->end[i] - from);
		from = g->end[i] + 1u;
	}
}

/* Of how many words there are and the first one, whatever its digits. */
static uint64_t
key_of(const struct wording_words *const w)
{
	uint64_t h = (FNV_BASIS ^ w->count) * FNV_PRIME;
	const struct span s = w->word[0];

	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) || i == 0 || !is_digit(s.p[i - 1]))
			h = (h ^ (is_digit(s.p[i]) ? '0' : (unsigned char)s.p[i])) * FNV_PRIME;
	return h;
}

/* Are they equal but for the digits in them? */
static bool
same_but_digits(const struct span x, const struct span y)
{
	size_t i = 0, j = 0;

	for (;;) {
		const bool dx = i < x.n && is_digit(x.p[i]), dy = j < y.n && is_digit(y.p[j]);

		if (dx != dy)
			return false;
		if (!dx && (i == x.n || j == y.n))
			return i == x.n && j == y.n;
		if (!dx && x.p[i++] != y.p[j++])
			return false;
		while (dx && i < x.n && is_digit(x.p[i]))
			i++;
		while (dy && j < y.n && is_digit(y.p[j]))
			j++;
	}
}

/* Are half of the words the same, the first one included? Sets *varies. */
static bool
are_alike(const struct wording_words *const x, const struct wording_words *const y,
	  uint32_t *const varies)
{
	uint32_t same = 0;

	*varies = 0;
	if (x->count != y->count)
		return false;
	for (uint32_t i = 0; i < x->count; i++) {
		const bool equal = span_eq(x->word[i], y->word[i]);
		const bool alike = equal || same_but_digits(x->word[i], y->word[i]);

		if (i == 0 && !alike)
			return false;
		same += alike;
		*varies |= (uint32_t)!equal << i;
	}
	return 2 * same >= x->count;
}

static uint32_t
begin_group(struct miner *const m, const uint64_t key, const uint32_t text,
	    const struct wording_words *const words, uint32_t *const head)
{
	struct group *const g = &m->groups[m->group_count];

	*g = (struct group){ .key = key, .next = *head, .first = text, .texts = 1,
			     .words = words->count };
	for (uint32_t i = 0; i < words->count; i++)
		g->end[i] = (uint16_t)(words->word[i].p + words->word[i].n - m->texts[text].p);
	return *head = ++m->group_count;
}

/* The group of a text, 1 + its place; 0: it gets none, or there is no room. */
static uint32_t
place(struct miner *const m, const uint32_t text)
{
	struct wording_words words, first;
	uint32_t varies, chain = 0;

	m->steps += m->texts[text].n + 1;
	if (!split(m->texts[text], &words))
		return 0;
	const uint64_t key = key_of(&words);
	uint32_t *const head = &m->heads[(key ^ key >> 32) & m->mask];
	for (uint32_t g = *head; g; g = m->groups[g - 1].next) {
		struct group *const group = &m->groups[g - 1];

		if (chain++ == CHAIN)
			return 0;
		m->steps += 2;
		if (group->key != key)
			continue;
		words_of(m, group, &first);
		m->steps += m->texts[text].n / 4;
		if (are_alike(&first, &words, &varies)) {
			group->varies |= varies;
			group->texts++;
			return g;
		}
	}
	return m->group_count < m->group_room ? begin_group(m, key, text, &words, head) : 0;
}

static enum err
place_all(struct miner *const m, struct arena *const a, struct fuel *const fuel)
{
	uint32_t buckets = 16;

	while (buckets < m->n)
		buckets *= 2;
	m->mask = buckets - 1;
	m->heads = arena_zalloc(a, buckets * sizeof *m->heads);
	/* With more, less than half of the texts are in groups worth having. */
	m->group_room = m->n / 2 + WORDING_MOLDS;
	m->groups = ARENA_ARRAY(a, struct group, (size_t)m->group_room + 0u);
	m->group_of = ARENA_ARRAY(a, uint32_t, (size_t)m->n + 0u);
	if (!m->heads || !m->groups || !m->group_of)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < m->n; i++) {
		if (m->group_count == m->group_room)
			return ERR_NOT_FOUND;
		m->group_of[i] = place(m, i);
		if (!fuel_use(fuel, m->steps))
			return ERR_FUEL;
		m->steps = 0;
	}
	return OK;
}

/* The groups with the most texts, of equals the earliest. */
static uint32_t
pick_groups(const struct miner *const m, uint32_t best[WORDING_MOLDS])
{
	uint32_t n = 0;

	for (uint32_t g = 0; g < m->group_count; g++) {
		const uint32_t texts = m->groups[g].texts;
		uint32_t i = n;

		if (texts < WORDING_MIN_TEXTS)
			continue;
		while (i && m->groups[best[i - 1]].texts < texts)
			i--;
		if (i == WORDING_MOLDS)
			continue;
		n += n < WORDING_MOLDS;
		memmove(best + i + 1, best + i, (n - 1 - i) * sizeof *best);
		best[i] = g;
	}
	return n;
}

static void
begin_mold(struct wording_mold *const mold, const struct miner *const m, const struct group *const g)
{
	*mold = (struct wording_mold){ .varies = g->varies };
	words_of(m, g, &mold->words);
	for (uint32_t i = 0; i < mold->words.count; i++) {
		const struct span w = mold->words.word[i];

		mold->prefix[i] = mold->suffix[i] = (uint16_t)(w.n ? w.n - 1 : 0);
	}
}

/* Shortens what the varying words begin and end with to what `text` has too. */
static void
narrow(struct wording_mold *const mold, const struct span text)
{
	struct wording_words words;

	(void)split(text, &words);
	for (uint32_t i = 0; i < words.count; i++) {
		const struct span x = mold->words.word[i], y = words.word[i];
		uint16_t p = 0, s = 0;

		if (!(mold->varies >> i & 1))
			continue;
		while (p < mold->prefix[i] && p + 1u < y.n && x.p[p] == y.p[p])
			p++;
		while (s < mold->suffix[i] && s + 1u < y.n && x.p[x.n - 1 - s] == y.p[y.n - 1 - s])
			s++;
		mold->prefix[i] = p;
		mold->suffix[i] = s;
	}
}

static void
add_to_mold(struct wording_mold *const mold, const uint32_t texts, const uint32_t text,
	    const struct span s)
{
	const uint32_t step = texts / WORDING_SAMPLES + 1;

	if (mold->varies)
		narrow(mold, s);
	if (mold->texts++ % step == 0 && mold->samples < WORDING_SAMPLES)
		mold->sample[mold->samples++] = text;
}

/* Cuts never within a word or number, and leave a byte between. */
static void
cut_back(struct wording_mold *const mold)
{
	for (uint32_t i = 0; i < mold->words.count; i++) {
		const struct span w = mold->words.word[i];

		while (!affix_is_boundary(w, mold->prefix[i]))
			mold->prefix[i]--;
		while (mold->suffix[i] && (mold->suffix[i] + mold->prefix[i] >= w.n ||
					   !affix_is_boundary(w, w.n - mold->suffix[i])))
			mold->suffix[i]--;
	}
}

enum err
wording_mine(const struct span *const texts, const uint32_t n, struct arena *const a,
	     struct fuel *const fuel, struct wording_molds *const out)
{
	struct miner m = { .texts = texts, .n = n };
	uint32_t best[WORDING_MOLDS + 1];

	TRY(place_all(&m, a, fuel));
	out->count = pick_groups(&m, best);
	out->mold = ARENA_ARRAY(a, struct wording_mold, (size_t)out->count + 0u);
	out->of_text = arena_zalloc(a, n);
	if (!out->mold || !out->of_text)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < out->count; k++) {
		begin_mold(&out->mold[k], &m, &m.groups[best[k]]);
		m.groups[best[k]].mold = k + 1;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct group *const g = m.group_of[i] ? &m.groups[m.group_of[i] - 1] : NULL;

		if (!g || !g->mold)
			continue;
		m.steps += texts[i].n;
		out->of_text[i] = (uint8_t)g->mold;
		add_to_mold(&out->mold[g->mold - 1], g->texts, i, texts[i]);
	}
	for (uint32_t k = 0; k < out->count; k++)
		cut_back(&out->mold[k]);
	return fuel_use(fuel, m.steps + n) ? OK : ERR_FUEL;
}

static bool
is_plain_part(const struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(",|:\"\\", s.p[i]) || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

bool
wording_parts(const struct wording_mold *const m, const struct span text,
	      struct span part[WORDING_HOLES])
{
	struct wording_words words;
	uint32_t n = 0;

	if (m->varies == 0)
		return true;
	if (!split(text, &words))
		return false;
	for (uint32_t i = 0; i < words.count; i++) {
		const struct span w = words.word[i];
		const size_t ends = (size_t)m->prefix[i] + m->suffix[i];

		if (!(m->varies >> i & 1))
			continue;
		if (w.n <= ends || !is_plain_part(span_of(w.p + m->prefix[i], w.n - ends)))
			return false;
		part[n++] = span_of(w.p + m->prefix[i], w.n - ends);
	}
	return true;
}

uint32_t
wording_holes(const struct wording_mold *const m)
{
	return (uint32_t)__builtin_popcount(m->varies);
}

struct span
wording_spell(const struct wording_mold *const m, struct arena *const a)
{
	char *const p = arena_alloc(a, WORDING_BYTES + 2 * WORDING_WORDS);
	size_t n = 0;

	if (!p)
		return SPAN_NONE;
	for (uint32_t i = 0; i < m->words.count; i++) {
		const struct span w = m->words.word[i];
		const bool varies = m->varies >> i & 1;
		const size_t head = varies ? m->prefix[i] : w.n, tail = varies ? m->suffix[i] : 0;

		if (i)
			p[n++] = ' ';
		memcpy(p + n, w.p, head);
		n += head;
		if (varies) {
			memcpy(p + n, "{}", 2);
			n += 2;
		}
		memcpy(p + n, w.p + w.n - tail, tail);
		n += tail;
	}
	return span_of(p, n);
}
