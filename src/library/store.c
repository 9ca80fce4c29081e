#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "library/library.h"

#define STORE_MAGIC 0x68727374u

/* Readers kept open for the next call; a call beyond that opens one of its own. */
#define IDLE_READERS 16u

#define FORMS_IDLE_DAYS 7u
#define BUSY_MS 2000u
#define QUEUE_LIMIT 1024u

struct hr_store {
	uint32_t magic;
	struct store *store;
	pthread_mutex_t lock;		/* of the readers */
	struct store_reader *idle[IDLE_READERS];
	uint32_t idle_count;
};

hr_status
hr_store_open(const char *folder, hr_store **out, char *why, size_t size)
{
	const struct store_options options = {
		.folder = folder,
		.forms_idle_days = FORMS_IDLE_DAYS,
		.busy_ms = BUSY_MS,
		.queue_limit = QUEUE_LIMIT,
	};
	struct hr_store *const s = calloc(1, sizeof *s);
	char said[STORE_WHY] = "";

	CHECK(folder != NULL);
	if (!s)
		return HR_NO_MEMORY;
	const enum err e = store_open(&options, &s->store, said);
	if (e != OK) {
		free(s);
		if (why && size)
			snprintf(why, size, "%s", said);
		return e == ERR_NOMEM ? HR_NO_MEMORY : HR_STORE_FAILED;
	}
	s->magic = STORE_MAGIC;
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return HR_OK;
}

void
hr_store_close(hr_store *s)
{
	if (!s)
		return;
	CHECK_OBJ(s, STORE_MAGIC);
	s->magic = 0;
	while (s->idle_count)
		store_reader_close(&s->idle[--s->idle_count]);
	store_close(&s->store);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct store *
library_store(struct hr_store *s)
{
	CHECK_OBJ(s, STORE_MAGIC);
	return s->store;
}

struct store_reader *
library_reader_take(struct hr_store *s)
{
	struct store_reader *r = NULL;

	CHECK_OBJ(s, STORE_MAGIC);
	pthread_mutex_lock(&s->lock);
	if (s->idle_count)
		r = s->idle[--s->idle_count];
	pthread_mutex_unlock(&s->lock);
	if (!r && store_reader_open(s->store, &r) != OK)
		return NULL;
	return r;
}

void
library_reader_return(struct hr_store *s, struct store_reader *r)
{
	pthread_mutex_lock(&s->lock);
	if (s->idle_count < IDLE_READERS) {
		s->idle[s->idle_count++] = r;
		r = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	if (r)
		store_reader_close(&r);
}
