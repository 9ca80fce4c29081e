/* Subsystems of the existing system that headroom does not have: their members stand in
 * GET /stats, so that its readers find what they ask for, with the value of a
 * subsystem that is switched off. */
#include "admin/stats.h"

static const char neutral[] =
	"\"waste_signals\":{},\"router\":{\"route_counts\":{}},\"savings_history\":[],"
	"\"litellm_available\":false,\"codex_ws\":{\"units_total\":0,\"frames_attempted_total\":0},"
	"\"anon_telemetry_shipping\":false,\"telemetry\":{\"enabled\":false},"
	"\"otel\":{\"configured\":false,\"enabled\":false},"
	"\"langfuse\":{\"configured\":false,\"enabled\":false},"
	"\"feedback_loop\":{\"tools_tracked\":0,\"total_compressions\":0,\"total_retrievals\":0},"
	"\"toin\":{\"enabled\":false},\"context_tool\":{\"configured\":null,\"available\":false},"
	"\"cli_filtering\":null,\"cache\":null,\"rate_limiter\":null,\"throughput\":null,"
	"\"log_full_messages\":false";

void
stats_neutral(struct json_writer *w)
{
	/* Members, not a value: the writer's comma stands before the first. */
	jw_key(w, "compression_cache");
	jw_object(w);
	jw_kstring(w, "mode", "token");
	jw_end_object(w);
	buf_add_char(w->out, ',');
	buf_add_str(w->out, neutral);
}
