#include "stats/names.h"

#include <stdlib.h>

#include "base/hash.h"

#define SLOTS (2 * NAMES_MAX)	/* a power of two: at most half full */
#define OTHER 1

struct name {
	uint16_t n;
	char text[NAME_BYTES];
};

struct names {
	struct name *all[NAMES_MAX];
	uint32_t count;
	uint16_t slots[SLOTS];	/* 1 + number; 0: free */
};

/* What is kept of a name: printing characters, at most NAME_BYTES, none cut in two. */
static size_t
clean(struct span name, char out[NAME_BYTES])
{
	size_t n = 0, cut;

	for (size_t i = 0; i < name.n && n < NAME_BYTES; i++)
		if ((unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f)
			out[n++] = name.p[i];
	if (n < NAME_BYTES)
		return n;
	for (cut = n; cut > 0 && ((unsigned char)out[cut - 1] & 0xc0) == 0x80; cut--)
		;
	/* The last character began at cut - 1; ASCII is whole, others may not be. */
	return cut > 0 && (unsigned char)out[cut - 1] >= 0xc0 ? cut - 1 : n;
}

static uint16_t *
slot_of(struct names *n, struct span name)
{
	size_t i = hash_table_key(name) & (SLOTS - 1);

	while (n->slots[i]) {
		const struct name *const there = n->all[n->slots[i] - 1];

		if (span_eq(span_of(there->text, there->n), name))
			break;
		i = (i + 1) & (SLOTS - 1);
	}
	return &n->slots[i];
}

uint16_t
names_number(struct names *n, struct span name)
{
	char text[NAME_BYTES];
	const size_t size = clean(name, text);
	uint16_t *const slot = slot_of(n, span_of(text, size));

	if (*slot)
		return (uint16_t)(*slot - 1);
	if (n->count == NAMES_MAX)
		return OTHER;
	struct name *const new = malloc(sizeof *new);
	if (!new)
		return OTHER;
	new->n = (uint16_t)size;
	memcpy(new->text, text, size);
	n->all[n->count++] = new;
	*slot = (uint16_t)n->count;
	return (uint16_t)(n->count - 1);
}

struct span
names_text(const struct names *n, uint16_t number)
{
	const struct name *const name = n->all[number < n->count ? number : OTHER];

	return span_of(name->text, name->n);
}

uint32_t
names_count(const struct names *n)
{
	return n->count;
}

struct names *
names_make(void)
{
	struct names *n = calloc(1, sizeof *n);

	if (n && (names_number(n, SPAN("")) != 0 || names_number(n, SPAN("(other)")) != OTHER ||
		  n->count != 2))
		names_free(&n);
	return n;
}

void
names_free(struct names **n)
{
	if (!*n)
		return;
	for (uint32_t i = 0; i < (*n)->count; i++)
		free((*n)->all[i]);
	free(*n);
	*n = NULL;
}
