/* Usage for readers, each call as of one moment. */
#include "store/reader.h"

enum err
store_usage_rows(struct store_reader *r, enum usage_period period, int64_t from, uint32_t limit,
		 struct arena *a, struct usage_row **rows, uint32_t *n)
{
	CHECK_OBJ(r, READER_MAGIC);
	int rc = reader_begin(r);

	if (rc == SQLITE_OK)
		rc = usage_rows(&r->usage, period, from, limit, a, rows, n);
	return reader_end(r, rc);
}

enum err
store_usage_session(struct store_reader *r, struct usage_session *out)
{
	CHECK_OBJ(r, READER_MAGIC);
	int rc = reader_begin(r);

	if (rc == SQLITE_OK)
		rc = usage_session_read(&r->usage, out);
	return reader_end(r, rc);
}

enum err
store_usage_events(struct store_reader *r, int64_t before, struct arena *a, struct span *events,
		   int64_t *id)
{
	CHECK_OBJ(r, READER_MAGIC);
	int rc = reader_begin(r);

	if (rc == SQLITE_OK)
		rc = usage_events(&r->usage, before, a, events, id);
	return reader_end(r, rc);
}
