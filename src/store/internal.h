/* What the files of this folder share about a store. */
#ifndef HR_STORE_INTERNAL_H
#define HR_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/check.h"
#include "store/db.h"
#include "store/forms.h"
#include "store/originals.h"
#include "store/store.h"
#include "store/usage_db.h"

#define STORE_MAGIC 0x53544f52u
#define READER_MAGIC 0x52454144u

/* One original takes at most this part of what all may take. */
#define STORE_LARGEST_PART 8

struct store {
	uint32_t magic;
	uint32_t busy_ms;
	uint32_t queue_limit;
	struct retention keep;
	int64_t (*now)(void);
	char *path;
	uint8_t secret[STORE_SECRET_BYTES];
	atomic_bool damaged;	/* for good */
	atomic_bool failing;	/* since the last write */
	atomic_uint readers;

	/* The writer's alone. */
	sqlite3 *db;
	struct forms_writer forms;
	struct originals_writer originals;
	struct usage_writer usage;
	bool synced;		/* commits are fsynced */
	int wal_pages;		/* of the last commit */
	int64_t next_tidy;	/* seconds; when to look for idle forms */

	pthread_t writer;
	pthread_mutex_t lock;	/* guards what follows */
	pthread_cond_t wake;	/* the writer's */
	pthread_cond_t tidied;
	struct store_batch *first;
	struct store_batch **last;	/* where the next one is hung */
	uint32_t waiting;
	uint64_t tidy_asked;	/* passes asked for and done */
	uint64_t tidy_done;
	bool closing;
	bool started;

	pthread_mutex_t recent_lock;	/* guards what follows */
	struct store_retrieval recent[STORE_RECENT];	/* a ring */
	uint64_t recent_count;		/* ever; the next one's place */
};

/* Notes a result: a damaged file ends the store's work for good. */
void store_note(struct store *s, int rc);

/* Starts and ends the writer's thread; it finishes the queue first. */
enum err writer_start(struct store *s) MUST_CHECK;
void writer_stop(struct store *s);

#endif
