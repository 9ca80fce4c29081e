/* headroom: what agents show to language models, made smaller without changing what the
 * model can find out.
 *
 *     hr_result *r;
 *     if (hr_compress_text(NULL, NULL, text, length, &r) == HR_OK) {
 *         send(hr_result_text(r, &length));
 *         hr_result_free(r);
 *     }
 *
 * Versions   A program built against one HR_ABI_VERSION runs with every library of that
 *            version: functions and constants are only added. The shared library's name
 *            carries it (libheadroom.so.1).
 * Ownership  What hr_…_new, _open or an `out` parameter gives is the caller's, who gives it back
 *            with the function named there; these take NULL. Arguments are only
 *            read, and not kept after the call. Strings that a result gives
 *            live as long as the result.
 * Threads    Every function may be called from any thread at any time, on a store too.
 *            Options may be read by many calls at once but not be changed meanwhile. A result
 *            belongs to one thread at a time.
 * Errors     A function that fails leaves *out untouched. Nothing is ever printed. A null pointer where
 *            the text does not allow one is a mistake that aborts.
 * Text       UTF-8, given with its length in bytes; it need not end with a NUL and may hold some.
 *            Names and ids end with a NUL.
 *
 * The same text with the same options under the same engine version (hr_engine_version) gives the
 * same bytes on every machine. */
#ifndef HEADROOM_HEADROOM_H
#define HEADROOM_HEADROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "headroom/version.h"

#if defined(__GNUC__)
#define HR_API __attribute__((visibility("default")))
#else
#define HR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define HR_ABI_VERSION 1

/* Most bytes of a text, a body, or what a form stands for. */
#define HR_TEXT_LIMIT ((size_t)64 << 20)

typedef enum hr_status {
	HR_OK = 0,
	HR_NO_MEMORY = 1,	/* or options' memory limit was reached */
	HR_TOO_LARGE = 2,	/* more than HR_TEXT_LIMIT */
	HR_BAD_ARGUMENT = 3,	/* a value that is not one of those described */
	HR_BAD_INPUT = 4,	/* a body that is no conversation, a form that is damaged */
	HR_NO_FORM = 5,		/* the text to decode is no form of headroom's */
	HR_ELIDED = 6,		/* it is one with parts left out: retrieve its original */
	HR_NOT_FOUND = 7,	/* the store has no such original (any more) */
	HR_STORE_FAILED = 8,	/* busy, full or damaged */
} hr_status;

/* An English phrase; never NULL. */
HR_API const char *hr_status_text(hr_status status);

/* HEADROOM_VERSION of the library that runs, and its HR_ABI_VERSION. */
HR_API const char *hr_version(void);
HR_API int hr_abi_version(void);

/* Goes up whenever any text may get another form than before. Older forms are
 * decoded for ever. */
HR_API int hr_engine_version(void);

/* ---- options ---- */

/* Where a function takes options, NULL means the defaults. */
typedef struct hr_options hr_options;

typedef enum hr_profile {
	HR_PROFILE_OFF = 0,		/* nothing is replaced */
	HR_PROFILE_LOSSLESS = 1,	/* forms that decode to the original; the default */
	HR_PROFILE_BALANCED = 2,	/* unremarkable parts left out where the original is kept, each
					 * gap stated where it is */
	HR_PROFILE_AGGRESSIVE = 3,	/* more of them */
} hr_profile;

/* NULL: no memory. Given back with hr_options_free. */
HR_API hr_options *hr_options_new(void);
HR_API void hr_options_free(hr_options *options);

/* Each returns HR_OK, HR_NO_MEMORY or HR_BAD_ARGUMENT; then nothing has changed. */

HR_API hr_status hr_options_profile(hr_options *options, hr_profile profile);

/* Texts with fewer tokens (o200k) are left as they are; 0, the default, tries all.
 * The gateway's own default is 150. */
HR_API hr_status hr_options_floor(hr_options *options, uint32_t tokens);

/* Most bytes of memory one call may take beside its result; by default 2 GB. About 40 times
 * the text is enough. */
HR_API hr_status hr_options_memory(hr_options *options, size_t bytes);

/* Of single texts: what whoever reads it is after. Rows that match are not left out. Each may be
 * NULL: the tool that gave the text, the arguments that it got (JSON), the user's latest words. */
HR_API hr_status hr_options_hints(hr_options *options, const char *tool, const char *arguments,
				  const char *user);

/* Of a single text without a store: the caller keeps it under this name, 24 lower-case hex digits,
 * before the form is shown to anybody, so parts may be left out. NULL: nobody keeps
 * it, the default. */
HR_API hr_status hr_options_hash(hr_options *options, const char *hash);

/* How small a text should become by leaving parts out, in thousandths of its tokens, 1 to 1000. What
 * must survive does, whatever this says; 0, the default: the profile decides. */
HR_API hr_status hr_options_target(hr_options *options, uint32_t permille);

/* Rows and lines in which one of these regular expressions (PCRE2) matches are never left out:
 * "PATTERN;TOOL:PATTERN;…", as docs/settings.md says of must-keep; NULL: none, the default.
 * HR_BAD_ARGUMENT: `why` (of `size` bytes, may be NULL) gets a sentence. */
HR_API hr_status hr_options_must_keep(hr_options *options, const char *patterns, char *why,
				      size_t size);

/* Of bodies: tools whose results are left as they are, names or globs (* and ?) separated by
 * commas, without regard to ASCII case; NULL: none, the default. */
HR_API hr_status hr_options_exclude_tools(hr_options *options, const char *globs);

/* Whose conversations these are, for a store that several share: one tenant's are never
 * another's. "local" by default, which is the gateway's own name for its only user. */
HR_API hr_status hr_options_tenant(hr_options *options, const char *name);

/* ---- results ---- */

typedef struct hr_result hr_result;

HR_API void hr_result_free(hr_result *result);

/* The text, with a NUL behind it that *length (may be NULL) does not count. */
HR_API const char *hr_result_text(const hr_result *result, size_t *length);

/* How many texts were replaced: of a body any number, else 0 or 1. With 0, the text
 * is the input's, byte for byte. */
HR_API size_t hr_result_replaced(const hr_result *result);

/* Of hr_compress_text: the form, such as "json_table" or "verbatim", and why a text stayed
 * verbatim, such as "small", "kind" (nothing compresses what it holds) or "no_gain"; "none" otherwise.
 * Words may be added. */
HR_API const char *hr_result_form(const hr_result *result);
HR_API const char *hr_result_reason(const hr_result *result);

/* Tokens of the input and of the result. Of a text by o200k; of a body what its messages
 * say, by the tokenizer of its model (see hr_count_tokens). */
HR_API uint64_t hr_result_tokens_before(const hr_result *result);
HR_API uint64_t hr_result_tokens_after(const hr_result *result);

/* Names of the originals that markers in the result stand for, each 24 hex digits: those of parts
 * that were left out now or, of a body, before. NULL when there are not so many. */
HR_API size_t hr_result_hash_count(const hr_result *result);
HR_API const char *hr_result_hash(const hr_result *result, size_t index);

/* ---- a store: what was sent is sent again, what was left out can be had ---- */

/* A folder in which decisions and originals are kept; processes may share it, the gateway among
 * them. Originals take at most 2 GB, and what is not used for 7 days is dropped. */
typedef struct hr_store hr_store;

/* Opens or makes the folder (mode 0700). HR_NO_MEMORY; HR_STORE_FAILED, then `why` (of `size` bytes,
 * may be NULL) gets a sentence that says what is wrong and what to do. Closed with
 * hr_store_close when no call uses it any more. */
HR_API hr_status hr_store_open(const char *folder, hr_store **out, char *why, size_t size);
HR_API void hr_store_close(hr_store *store);

/* ---- work ---- */

/* The smallest form of one text, as a tool gave it. With a store (NULL: none) the original is kept
 * there, safe on disk, before a form with parts left out is given. Whatever goes wrong with the text itself (it
 * is of no kind that we know, too deep, no memory for a form) gives the text itself with a
 * reason. HR_NO_MEMORY: not even for that; HR_TOO_LARGE. The result is given back with hr_result_free. */
HR_API hr_status hr_compress_text(const hr_options *options, hr_store *store, const char *text,
				  size_t length, hr_result **out);

/* A request body with a `messages` array of Anthropic's or OpenAI's shape: the same body, byte for
 * byte, but for the texts of its tool results. With a store, a result that was compressed or left
 * before is sent that way again, in whatever call and by whatever version, so that a provider's
 * prompt cache stays valid; the call then waits for the store. Without (NULL) that holds
 * only for equal options and engine versions, and nothing is left out. When the store fails, new
 * texts stay as they are.
 * HR_BAD_INPUT: not JSON, or no such conversation; HR_NO_MEMORY, HR_TOO_LARGE. */
HR_API hr_status hr_compress_body(const hr_options *options, hr_store *store, const char *body,
				  size_t length, hr_result **out);

/* The original behind a hash (24 hex digits in either case), byte for byte; it then counts as used.
 * HR_NOT_FOUND: never kept for this tenant, or dropped; asking again does not help.
 * HR_STORE_FAILED, HR_NO_MEMORY. */
HR_API hr_status hr_retrieve(const hr_options *options, hr_store *store, const char *hash,
			     hr_result **out);

/* What a lossless form stands for; of JSON the values, minified. Safe for any bytes.
 * HR_NO_FORM, HR_ELIDED; HR_BAD_INPUT: damaged; HR_NO_MEMORY, HR_TOO_LARGE. */
HR_API hr_status hr_decode(const hr_options *options, const char *form, size_t length,
			   hr_result **out);

/* Tokens of a text for a model, named as its provider does ("gpt-4o", "openai/gpt-4o-2024-08-06";
 * NULL: o200k). *exact (may be NULL) becomes whether the model's own tokenizer is public and
 * was used; else it is an estimate. */
HR_API size_t hr_count_tokens(const char *model, const char *text, size_t length, bool *exact);

#ifdef __cplusplus
}
#endif

#endif
