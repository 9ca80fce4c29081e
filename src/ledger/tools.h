/* Which tools' output is left as it is. */
#ifndef HR_LEDGER_TOOLS_H
#define HR_LEDGER_TOOLS_H

#include <stdbool.h>

#include "base/arena.h"
#include "json/scan.h"
#include "wire/view.h"

/* Did a tool that reads files produce this block? Its text is what the model will
 * quote when it edits the file, to the byte. Judged by the tool's name and the
 * call's arguments (a shell's `cat` counts); see the tables in tools.c. */
bool tools_reads_file(const struct json_doc *d, const struct wire_block *b, struct arena *a);

/* Is `name` on a list of comma-separated globs (* and ?), without regard to ASCII
 * case? An absent name never is; `list` may be NULL. */
bool tools_excluded(const char *list, struct span name);

/* The tool by which a model fetches an original. */
#define RETRIEVE_TOOL "headroom_retrieve"

/* Is it that tool, perhaps as an MCP server's ("mcp__headroom__headroom_retrieve")? What it
 * gave back was asked for in full and is never compressed again. */
bool tools_is_retrieve(struct span name);

#endif
