/* The one thread that writes: takes all batches that wait, records them in one
 * transaction, and when nothing waits moves the log into the file and drops what is
 * idle. */
#include "store/internal.h"

#include <errno.h>
#include <time.h>

/* Move the log into the file from this many pages on when nothing came for a
 * while: it takes two fsyncs, and the next batch must not wait for them … */
#define CHECKPOINT_IDLE 1000
#define QUIET_S 1
/* … and even under load. */
#define CHECKPOINT_ALWAYS 8000

/* How long to sleep when nothing is to be done at all. */
#define SLEEP_S 60

/* Look for idle forms that often; so many are dropped before the queue is looked
 * at again. */
#define TIDY_EVERY_S 600
#define TIDY_STEP 128

#define STACK_BYTES ((size_t)256 << 10)

static int
on_commit(void *store, sqlite3 *db, const char *name, int pages)
{
	struct store *const s = store;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

static int
record_batch(struct store *s, struct store_batch *b, int64_t now)
{
	int rc = SQLITE_OK;

	for (uint32_t i = 0; i < b->original_count && rc == SQLITE_OK; i++)
		rc = originals_keep(&s->originals, s->db, &b->originals[i], b->packed[i], &s->keep, now);
	for (uint32_t i = 0; i < b->form_count && rc == SQLITE_OK; i++)
		rc = forms_record(&s->forms, s->db, &b->forms[i], &s->keep, now, b->arena);
	if (rc == SQLITE_OK && b->use)
		rc = originals_note_use(&s->originals, b->use, now);
	if (rc == SQLITE_OK && b->usage)
		rc = usage_record(&s->usage, b->usage);
	return rc;
}

/* Whether a commit is to be on the disk when it returns. Then it is there before anybody
 * can read it, too: no answer can name an original that a power cut would take. */
static int
set_synced(struct store *s, bool synced)
{
	int rc = SQLITE_OK;

	if (s->synced != synced)
		rc = db_exec(s->db, synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
	if (rc == SQLITE_OK)
		s->synced = synced;
	return rc;
}

/* One transaction for the list up to `end`. */
static int
record_list(struct store *s, struct store_batch *b, const struct store_batch *end)
{
	const int64_t now = s->now();
	int originals = 0;
	int dropped = 0;
	int rc = set_synced(s, b->original_count > 0);

	/* Taking the write lock at once: upgrading a read later fails without
	 * waiting when another process wrote in between. */
	if (rc == SQLITE_OK)
		rc = db_exec(s->db, "BEGIN IMMEDIATE");
	for (; b != end && rc == SQLITE_OK; b = b->next) {
		originals += (int)b->original_count;
		rc = record_batch(s, b, now);
	}
	/* Room is made at the rate at which it is taken; tidying does the rest. */
	if (rc == SQLITE_OK && originals)
		rc = originals_drop(&s->originals, &s->keep, now, 2 * originals, &dropped);
	if (rc == SQLITE_OK)
		rc = db_exec(s->db, "COMMIT");
	if (rc != SQLITE_OK)
		db_rollback(s->db);
	if (dropped == 2 * originals && originals)
		s->next_tidy = 0;
	return rc;
}

/* What happened to a write. That another process is busy or memory is lacking says
 * nothing about the file. */
static void
note_write(struct store *s, int rc)
{
	const enum err e = db_err(rc);

	store_note(s, rc);
	if (e != ERR_BUSY && e != ERR_NOMEM)
		atomic_store(&s->failing, rc != SQLITE_OK);
}

static void
finish(struct store_batch *b, int rc)
{
	b->done(b, db_err(rc));
}

/* All of them keep originals, or none. */
static void
write_all(struct store *s, struct store_batch *list)
{
	const int rc = record_list(s, list, NULL);
	/* A batch whose own arena is full must not take the others with it. */
	const bool one_by_one = db_err(rc) == ERR_NOMEM && list->next;

	if (!one_by_one)
		note_write(s, rc);
	while (list) {
		struct store_batch *const b = list;
		int own = rc;

		/* The batch is gone once its owner has heard of it. */
		list = b->next;
		if (one_by_one) {
			own = record_list(s, b, list);
			note_write(s, own);
		}
		finish(b, own);
	}
}

/* Takes the batches with originals out of a list. */
static struct store_batch *
split_originals(struct store_batch **list)
{
	struct store_batch *with = NULL;
	struct store_batch **last = &with;

	while (*list) {
		struct store_batch *const b = *list;

		if (b->original_count == 0) {
			list = &b->next;
			continue;
		}
		*list = b->next;
		b->next = NULL;
		*last = b;
		last = &b->next;
	}
	return with;
}

static void
checkpoint(struct store *s, int threshold)
{
	if (s->wal_pages < threshold)
		return;
	const int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	store_note(s, rc);
	/* Whatever came of it: not again before the next commit. */
	s->wal_pages = 0;
}

/* One step; true when there may be more. */
static bool
tidy_step(struct store *s)
{
	const int64_t now = s->now();
	int forms = 0;
	int originals = 0;
	int events = 0;
	int rc = set_synced(s, false);

	if (rc == SQLITE_OK)
		rc = db_exec(s->db, "BEGIN IMMEDIATE");
	if (rc == SQLITE_OK)
		rc = forms_drop(&s->forms, s->db, now - s->keep.forms_idle_s, TIDY_STEP, &forms);
	if (rc == SQLITE_OK)
		rc = originals_drop(&s->originals, &s->keep, now, TIDY_STEP, &originals);
	if (rc == SQLITE_OK)
		rc = usage_drop(&s->usage, s->db, (now - s->keep.events_s) * 1000, TIDY_STEP, &events);
	if (rc == SQLITE_OK)
		rc = db_exec(s->db, forms + originals + events ? "COMMIT" : "ROLLBACK");
	if (rc != SQLITE_OK)
		db_rollback(s->db);
	store_note(s, rc);
	return rc == SQLITE_OK && (forms == TIDY_STEP || originals == TIDY_STEP || events == TIDY_STEP);
}

/* With the lock held: until something is to be done. True when nothing came. */
static bool
wait_for_work(struct store *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += s->wal_pages >= CHECKPOINT_IDLE ? QUIET_S : SLEEP_S;
	while (!s->first && !s->closing && s->tidy_asked == s->tidy_done)
		if (pthread_cond_timedwait(&s->wake, &s->lock, &until) == ETIMEDOUT)
			return true;
	return false;
}

/* With the lock held: everything that waits. */
static struct store_batch *
take_all(struct store *s)
{
	struct store_batch *const list = s->first;

	s->first = NULL;
	s->last = &s->first;
	s->waiting = 0;
	return list;
}

/* Without the lock, nothing waiting. True when it should be called again at once. */
static bool
use_quiet(struct store *s, bool asked)
{
	const int64_t now = s->now();

	checkpoint(s, CHECKPOINT_IDLE);
	if (atomic_load(&s->damaged) || (!asked && now < s->next_tidy))
		return false;
	if (tidy_step(s))
		return true;
	s->next_tidy = now + TIDY_EVERY_S;
	return false;
}

static void
write_unlocked(struct store *s, struct store_batch *list)
{
	pthread_mutex_unlock(&s->lock);
	struct store_batch *const with_originals = split_originals(&list);
	/* First those that need not wait for the disk. */
	if (list)
		write_all(s, list);
	if (with_originals)
		write_all(s, with_originals);
	checkpoint(s, CHECKPOINT_ALWAYS);
	pthread_mutex_lock(&s->lock);
}

/* One step of what is done when nothing waits; true when there may be more. */
static bool
tidy_unlocked(struct store *s)
{
	const uint64_t asked = s->tidy_asked;
	const uint64_t done = s->tidy_done;

	pthread_mutex_unlock(&s->lock);
	const bool more = use_quiet(s, asked != done);
	pthread_mutex_lock(&s->lock);
	if (!more && asked != done) {
		s->tidy_done = asked;
		pthread_cond_broadcast(&s->tidied);
	}
	return more;
}

static void *
writer_main(void *store)
{
	struct store *const s = store;
	bool more = false;

	CHECK_OBJ(s, STORE_MAGIC);
	pthread_mutex_lock(&s->lock);
	for (;;) {
		const bool quiet = more || wait_for_work(s);
		struct store_batch *const list = take_all(s);

		if (list)
			write_unlocked(s, list);
		else if (s->closing)
			break;
		else if (quiet || s->tidy_asked != s->tidy_done)
			more = tidy_unlocked(s);
	}
	s->tidy_done = s->tidy_asked;
	pthread_cond_broadcast(&s->tidied);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum err
writer_start(struct store *s)
{
	pthread_attr_t attr;
	pthread_condattr_t cond;

	if (pthread_attr_init(&attr) != 0)
		return ERR_NOMEM;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_condattr_init(&cond);
	pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, &cond);
	pthread_cond_init(&s->tidied, NULL);
	pthread_condattr_destroy(&cond);
	sqlite3_wal_hook(s->db, on_commit, s);
	/* Not at start: whoever starts wants to serve. */
	s->next_tidy = s->now() + 60;
	const int rc = pthread_create(&s->writer, &attr, writer_main, s);
	pthread_attr_destroy(&attr);
	s->started = rc == 0;
	return rc == 0 ? OK : ERR_NOMEM;
}

void
writer_stop(struct store *s)
{
	if (!s->started)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->writer, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->tidied);
	pthread_mutex_destroy(&s->lock);
	s->started = false;
}
