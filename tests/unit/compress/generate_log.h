/* Random JSON of logs: messages that share their words, values from a short
 * list. For generate.h. */
#ifndef HR_TESTS_COMPRESS_GENERATE_LOG_H
#define HR_TESTS_COMPRESS_GENERATE_LOG_H

/* Messages with up to five parts that vary; %s is one that may be awkward. */
static inline void
gen_message(struct generator *g, bool odd)
{
	static const char *const parts[] = { "ann", "b-7", "10.0.0.1", "a:b", "x,y", "", "{}", "\\\\", "\\\"",
					     "\\u00e9t\\u00e9", "a|b", "two words", "\xe2\x80\xa6" };
	static const char *const others[] = { "Cache", "Cache:12", "Request", "Request:", "null", "-", "", "7",
					      "true", "two\\nlines of it", "Cache hit for key: {}",
					      "say \\\"Request\\\" again", "=", "*", " Health check passed" };
	const char *const part = GEN_PICK(g, parts);
	const uint32_t n = gen_below(g, 5000);

	switch (gen_below(g, odd ? 9 : 7)) {
	case 0:
		buf_addf(g->out, "\"Cache hit for key: user_session_%u\"", n);
		break;
	case 1:
		buf_addf(g->out, "\"Request %u of the client processed successfully in %u ms\"", n, n % 90);
		break;
	case 2:
		buf_add_str(g->out, "\"Health check passed without remarks\"");
		break;
	case 3:
		buf_addf(g->out, "\"Authenticated the user %s from the login page\"", part);
		break;
	case 4:
		buf_addf(g->out, "\"Sent %u of %u in %u to %s-%u over %s\"", n, n, n, part, n, odd ? part : "tcp");
		break;
	case 5:
		buf_addf(g->out, "\"Timeout while waiting for the upstream %s: connection refused\"", part);
		break;
	case 6:
		buf_add_str(g->out, "\"Health check passed with several remarks\"");
		break;
	case 7:
		buf_addf(g->out, "\"%s\"", GEN_PICK(g, others));
		break;
	default:
		buf_add_str(g->out, "null");
	}
}

/* Row `r`'s time: steps that are even but for an odd one out now and then. */
static inline void
gen_time(struct generator *g, uint32_t kind, uint32_t r, bool uneven)
{
	const uint32_t t = uneven && gen_below(g, 40) == 0 ? r + 1 : r;

	switch (kind) {
	case 0:
		buf_addf(g->out, "\"2024-02-28T%02u:%02u:00Z\"", 9 + t / 30, t % 30 * 2);
		break;
	case 1:
		buf_addf(g->out, "\"2024-%02u-%02u\"", 2 + (t + 10) / 29, (t + 10) % 29 + 1);
		break;
	case 2:
		buf_addf(g->out, "%llu", 1705312800000ull - 250ull * t);
		break;
	case 3:
		buf_addf(g->out, "\"2024-01-01 23:59:%02u.%u00\"", 59 - t / 2, t % 2 ? 0 : 5);
		break;
	default:
		buf_addf(g->out, "%u", 100 + 2 * t);
	}
}

static inline void
gen_log(struct generator *g, const char *between)
{
	static const char *const regions[] = { "north-europe-1", "north-europe-2", "south-america-1", "south-america-2" };
	static const char *const paths[] = { "src/modules/module_", "src/modules/module_", "tests/unit/test_", "main" };
	const uint32_t rows = 10 + gen_below(g, 50), odd = gen_below(g, 2), gap = gen_below(g, 3) ? 0 : 9;
	const bool wide = gen_below(g, 3) == 0, uneven = gen_below(g, 3) == 0;
	const uint32_t times = gen_below(g, 30);

	for (uint32_t r = 0; r < rows; r++) {
		if (r)
			buf_add_str(g->out, between);
		buf_add_str(g->out, "{\"time\":");
		gen_time(g, times % 5, r, uneven);
		buf_addf(g->out, ",\"level\":\"%s\",\"message\":", gen_below(g, 3) ? "info" : "debug");
		gen_message(g, odd);
		if (wide)
			buf_addf(g->out, ",\"text\":\"%0*u\"", (int)gen_below(g, 900), r);
		if (gap == 0 || gen_below(g, gap)) {
			buf_addf(g->out, ",\"a.b\":{\"region\":\"%s\",\"path\":\"%s%u.py\"}",
				 GEN_PICK(g, regions), GEN_PICK(g, paths), gen_below(g, 90));
		}
		if (times > 9) {
			buf_add_str(g->out, ",\"end\":");
			gen_time(g, times / 6, r, uneven);
		}
		buf_addf(g->out, ",\"n\":%u}", gen_below(g, 100));
	}
}

#endif
