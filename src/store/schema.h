/* What is in the file, and from which version on. */
#ifndef HR_STORE_SCHEMA_H
#define HR_STORE_SCHEMA_H

#include <stdint.h>

#include "store/db.h"

/* PRAGMA application_id: "hdrm". */
#define SCHEMA_APPLICATION 0x6864726d

/* PRAGMA user_version. */
#define SCHEMA_VERSION 3

enum schema_state {
	SCHEMA_READY,
	SCHEMA_NEWER,	/* a later version of ours */
	SCHEMA_FOREIGN,	/* a database of another program */
};

/* Brings the file to SCHEMA_VERSION and reads the deployment's secret, which the
 * first to come makes. Several processes may do so at once. The result code;
 * with SQLITE_OK `*state` says whether the file can be used. */
int schema_prepare(sqlite3 *db, enum schema_state *state, uint8_t *secret, int secret_bytes)
	MUST_CHECK;

#endif
