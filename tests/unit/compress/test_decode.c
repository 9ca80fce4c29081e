/* Reading forms that others wrote: damaged, hostile, or only alike. */
#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "compress/compress.h"

#define HEAD "[JSON as tables v1: rules]\n"
#define LINES_HEAD "[JSON Lines as tables v1: rules]\n"
#define RELAXED_HEAD "[JSON with fewer quotes v2: rules]\n"
#define RELAXED_LINES_HEAD "[JSON Lines with fewer quotes v2: rules]\n"

static enum err
decode(struct span form, struct arena *a, uint64_t steps, struct span *out)
{
	struct fuel fuel = { steps };

	arena_init(a, 64 << 20);
	return compress_decode(form, a, &fuel, out);
}

static void
check_decodes(const char *form, const char *want)
{
	struct span out = SPAN_NONE;
	struct arena a;
	const enum err e = decode(span_str(form), &a, COMPRESS_DECODE_FUEL, &out);

	if (e != OK)
		fail_msg("%s for %s", err_name(e), form);
	assert_span_eq(out, want);
	arena_free(&a);
}

static void
check_refused(const char *form, enum err want)
{
	struct span out = SPAN("untouched");
	struct arena a;
	const enum err e = decode(span_str(form), &a, COMPRESS_DECODE_FUEL, &out);

	if (e != want)
		fail_msg("%s, not %s, for %s", err_name(e), err_name(want), form);
	assert_span_eq(out, "untouched");
	arena_free(&a);
}

static void
json_decodes_to_itself(void **state)
{
	(void)state;
	check_decodes("{\"a\":[1,2.0,\"\\u00e9\"]}", "{\"a\":[1,2.0,\"\\u00e9\"]}");
	check_decodes("{\"a\":1}\n{\"a\":2}", "{\"a\":1}\n{\"a\":2}");
}

static void
tables_decode_to_minified_json(void **state)
{
	(void)state;
	check_decodes(HEAD "table 1: 2 rows, comma-separated, empty = null\na,b.c,(d=)\n,\n\"\",1",
		      "[{\"a\":null,\"b\":{\"c\":null},\"d\":\"\"},{\"a\":\"\",\"b\":{\"c\":1},\"d\":\"\"}]");
	check_decodes(HEAD "table 1: 2 rows, space-separated\na b.c\n1 x\n2 \"y z\"",
		      "[{\"a\":1,\"b\":{\"c\":\"x\"}},{\"a\":2,\"b\":{\"c\":\"y z\"}}]");
	check_decodes(HEAD "{\"n\":[table 1],\"m\":[table 2]}\ntable 1: 1 rows, bar-separated\na\nb=\n"
		      "table 2: 1 rows, comma-separated\n(a=7),b\n",
		      "{\"n\":[{\"a\":\"b=\"}],\"m\":[{\"a\":7}]}");
	check_decodes(HEAD "table 1: 3 rows, space-separated\na:text p=x{}y q[0].r q[1].r\n5 1 t -\n"
		      "null \"a \"\"b\" - -\n=[1]",
		      "[{\"a\":\"5\",\"p\":\"x1y\",\"q\":[{\"r\":\"t\"}]},"
		      "{\"a\":null,\"p\":\"xa \\\"by\"},[1]]");
	check_decodes(HEAD "table 1: 3 rows, bar-separated\n(k=f(x) (y))|a?=long value|(e=\"\")|(j=[1,\"|\"])\n*\n\n\"*\"",
		      "[{\"k\":\"f(x) (y)\",\"a\":\"long value\",\"e\":\"\",\"j\":[1,\"|\"]},"
		      "{\"k\":\"f(x) (y)\",\"e\":\"\",\"j\":[1,\"|\"]},"
		      "{\"k\":\"f(x) (y)\",\"a\":\"*\",\"e\":\"\",\"j\":[1,\"|\"]}]");
	check_decodes(HEAD "table 1: 1 rows, bar-separated\n(a:=x{b})|b|c|d\ny|[table 2]|{\"e\":[table 3]}\n"
		      "table 2: 1 rows, bar-separated\nf\n1\ntable 3: 1 rows, bar-separated\ng\n2",
		      "[{\"a\":\"xy\",\"b\":\"y\",\"c\":[{\"f\":1}],\"d\":{\"e\":[{\"g\":2}]}}]");
	check_decodes(HEAD "table 1: 4 rows of 2 kinds, comma-separated, empty = null\nA: a,b.c\nB: (d=1)\nA,1,\nB\n=[2]\nA,,x",
		      "[{\"a\":1,\"b\":{\"c\":null}},{\"d\":1},[2],{\"a\":null,\"b\":{\"c\":\"x\"}}]");
	check_decodes(HEAD "[[table 1],[table 2]]\ntable 1: 1 rows of 2 kinds, bar-separated\nA: (x=1)|a\nB: b\nA|2\n"
		      "table 2: 2 rows like table 1\nB|3\nA|4",
		      "[[{\"x\":1,\"a\":2}],[{\"b\":3},{\"x\":1,\"a\":4}]]");
	check_decodes("[JSON with fewer quotes v2: x]\n{a:{0..2:\"x\",7..8:null},\"0..2\":3}",
		      "{\"a\":{\"0\":\"x\",\"1\":\"x\",\"2\":\"x\",\"7\":null,\"8\":null},\"0..2\":3}");
	check_decodes("[JSON with fewer quotes v2: x]\n{a:b c,7:[x,8,\"9\",[],{}],\"k:\":{n:null,t:x:y}}",
		      "{\"a\":\"b c\",\"7\":[\"x\",8,\"9\",[],{}],\"k:\":{\"n\":null,\"t\":\"x:y\"}}");
	check_decodes(LINES_HEAD "table 1: 3 rows, comma-separated\na,b\n1,\n,2\n,",
		      "{\"a\":1}\n{\"b\":2}\n{}");
	check_decodes(RELAXED_HEAD "*a={x:1}\n*b.c=[*a,{\"y\":*a}]\n{\"p\":*b.c,\"q\":[*a],\"*a\":\"*a\"}",
		      "{\"p\":[{\"x\":1},{\"y\":{\"x\":1}}],\"q\":[{\"x\":1}],\"*a\":\"*a\"}");
	check_decodes(HEAD "*A=[7]\n*B=[8]\ntable 1: 2 rows, comma-separated\na,(b={\"c\":*A}),(d=*B),e?=*A\n*A,*\n\"*A\",*B",
		      "[{\"a\":[7],\"b\":{\"c\":[7]},\"d\":[8],\"e\":[7]},"
		      "{\"a\":\"*A\",\"b\":{\"c\":[7]},\"d\":[8],\"e\":[8]}]");
	check_decodes(RELAXED_LINES_HEAD "*A=[7]\n*A\n{\"a\":*A}", "[7]\n{\"a\":[7]}");
	check_decodes(HEAD "table 1: 1 rows, comma-separated\na,b=*{}\n*A,x", "[{\"a\":\"*A\",\"b\":\"*x\"}]");
	check_decodes(RELAXED_HEAD "*id: 2 rows, comma-separated\nn,id,(u:=x{id})\n1,a\n*a,b\n[*b,*a]",
		      "[{\"n\":{\"n\":1,\"id\":\"a\",\"u\":\"xa\"},\"id\":\"b\",\"u\":\"xb\"},{\"n\":1,\"id\":\"a\",\"u\":\"xa\"}]");
	check_decodes(HEAD "*: 2 rows, space-separated\nk v\n*A 1 -\n*B.c x *A\n*C=[*B.c]\ntable 1: 1 rows, space-separated\na b\n*C *A",
		      "[{\"a\":[{\"k\":\"x\",\"v\":{\"k\":1}}],\"b\":{\"k\":1}}]");
	check_decodes(LINES_HEAD "{\"x\":[table 1]}\n[2]\ntable 1: 1 rows, space-separated\na\n1",
		      "{\"x\":[{\"a\":1}]}\n[2]");
	check_decodes(HEAD "table 1: 4 members, space-separated\nkey a.b url:=/{key}/{}\n7 1 x\n=\"\":[2]\n\"a b\" - y\n\\\"\\ud800\" 2 -",
		      "{\"7\":{\"a\":{\"b\":1},\"url\":\"/7/x\"},\"\":[2],"
		      "\"a b\":{\"url\":\"/a b/y\"},\"\\ud800\":{\"a\":{\"b\":2}}}");
	check_decodes(HEAD "{\"m\":[table 1]}\ntable 1: 2 members, comma-separated\nkey,key\nkey,1\nkey,",
		      "{\"m\":{\"key\":{\"key\":1},\"key\":{}}}");
}

static void
other_texts_are_no_forms(void **state)
{
	(void)state;
	const char *const texts[] = {
		"", "plain text", "[JSON", "[JSON as tables", "table 1: 1 rows, space-separated\na\n1",
		"[json as tables v1: x]\n", "{\"a\":", "\"string\"", "12", " [JSON as tables v1: x]\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check_refused(texts[i], ERR_UNSUPPORTED);
	/* A version that this engine does not know may mean anything. */
	check_refused("[JSON as tables v3: x]\ntable 1: 1 rows, space-separated\na\n1", ERR_UNSUPPORTED);
	check_refused("[JSON as tables v0: x]\ntable 1: 1 rows, space-separated\na\n1", ERR_UNSUPPORTED);
}

/* Marks of gaps came with version 2; before, a cell could begin like one. */
static void
forms_of_earlier_versions_are_read_as_they_were_written(void **state)
{
	(void)state;
#define GAP_LIKE "rules]\ntable 1: 2 rows, comma-separated\na,b\n\xe2\x80\xa6" "2,1\nx,2"
	check_decodes("[JSON as tables v1: " GAP_LIKE, "[{\"a\":\"\xe2\x80\xa6" "2\",\"b\":1},{\"a\":\"x\",\"b\":2}]");
	check_refused("[JSON as tables v2: " GAP_LIKE, ERR_ELIDED);
}

static void
damage_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "{}", "{}\n", "table 1: 1 rows, space-separated", "table 1: 1 rows, space-separated\na",
		"table 1: 1 rows, space-separated\na\n", "table 1: 2 rows, space-separated\na\n1",
		"table 1: 1 rows, space-separated\na\n1\n", "table 1: 1 rows, space-separated\na\n1\n2",
		"table 1: 1 rows, space-separated\na b\n1", "table 1: 1 rows, space-separated\na\n1 2",
		"table 2: 1 rows, space-separated\na\n1", "table 1: 01 rows, space-separated\na\n1",
		"table 1: 0 rows, space-separated\na", "table 1: 99999999999 rows, space-separated\na\n1",
		"table 1: 4294967295 rows, space-separated\na\n1", "table 1: 1 rows, tab-separated\na\n1",
		"*A=[table 1]\n[*A]\ntable 1: 1 rows, space-separated\na\n1",
		"*A=[1]\ntable 1: 1 rows, space-separated\na=*A\n1", "*A=[1]\ntable 1: 1 rows, space-separated\n(a:=*A)\n",
		"*A=[1]\ntable 1: 1 rows, space-separated\na\n*B", "*A=[1]\ntable 1: 1 rows, space-separated\na\n*Ab",
		/* Quotes and brackets that do not end. */
		"table 1: 1 rows, space-separated\na\n\"x", "table 1: 1 rows, space-separated\na\n[1",
		"table 1: 1 rows, space-separated\na\n\\x", "table 1: 1 rows, space-separated\na\n\\\"x",
		"table 1: 1 rows, space-separated\n\"a\n1", "table 1: 1 rows, space-separated\na\n\"x\"y",
		"table 1: 1 rows, space-separated\na\n{\"b\":1}}", "table 1: 1 rows, space-separated\na\n[1, 2]",
		/* JSON that is none. */
		"table 1: 1 rows, space-separated\na\n[1,]", "table 1: 1 rows, space-separated\na\n\\\"\\x\"",
		"table 1: 1 rows, space-separated\n(a=[01]) b\n1", "table 1: 1 rows, space-separated\na\n={]",
		/* Columns that say nothing, or too much. */
		"table 1: 1 rows, space-separated\n(a) b\n1", "table 1: 1 rows, space-separated\n(a=1 b\n1",
		"table 1: 1 rows, space-separated\n(a=1)x b\n1", "table 1: 1 rows, space-separated\na=1 b\n1 2",
		"table 1: 1 rows, space-separated\na=x b\n1 2", "table 1: 1 rows, space-separated\na? b\n1 2",
		"table 1: 1 rows, space-separated\n(a=\"x\" b\n1", "table 1: 1 rows, space-separated\na:texts b\n1 2",
		"table 1: 1 rows, space-separated\n(a:text=1) b\n1",
		/* Paths that contradict one another. */
		"table 1: 1 rows, space-separated\na a\n1 2", "table 1: 1 rows, space-separated\na a.b\n1 2",
		"table 1: 1 rows, space-separated\na.b a\n1 2", "table 1: 1 rows, space-separated\na[0] a.b\n1 2",
		"table 1: 1 rows, space-separated\na[1]\n1", "table 1: 1 rows, space-separated\na[0] a[2]\n1 2",
		"table 1: 1 rows, space-separated\na. b\n1 2", "table 1: 1 rows, space-separated\na[x] b\n1 2",
		/* References: unknown, twice, out of order, to a table around. */
		"{\"a\":[table 1]}", "{\"a\":[table 2]}\ntable 1: 1 rows, space-separated\na\n1",
		"[[table 1],[table 1]]\ntable 1: 1 rows, space-separated\na\n1",
		"[[table 1]]\ntable 1: 1 rows, space-separated\na\n1\ntable 2: 1 rows, space-separated\na\n1",
		"table 1: 1 rows, space-separated\na\n[table 1]", "table 1: 1 rows, space-separated\na\n[table 2]",
		"table 1: 1 rows, space-separated\na\n[table 3]\ntable 2: 1 rows, space-separated\na\n[table 2]",
		"table 1: 1 rows, space-separated\n(a=[table 2]) b\n1\ntable 2: 1 rows, space-separated\na\n1",
		"table 1: 1 rows, space-separated, empty = null\na b\n1 2",
		"table 1: 1 rows, comma-separated, empty = 0\na,b\n1,2",
		"table 1: 1 rows, comma-separated, empty = null\n(a:=x{b}),b\n",
		/* Templates: of nothing, of no such column, of one without a plain cell. */
		"table 1: 1 rows, space-separated\n(a:=x) b\n1",
		"table 1: 1 rows, space-separated\n(a:=\"{}\") b\n1",
		"table 1: 1 rows, space-separated\n(a:=x{c}) b\n1",
		"table 1: 1 rows, space-separated\n(a:=x{a}) b\n1",
		"table 1: 1 rows, space-separated\n(a:=x{b}) (b=1) c\n1",
		"table 1: 1 rows, space-separated\n(a:=x{b}) (b:=x{a}) c\n1",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b=x{}\n1",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b?=1\n1",
		"table 1: 1 rows, space-separated\na:=x{b} b\n1 2",
		"table 1: 1 rows, space-separated\na:=x{b}{b} b\n1 2",
		"table 1: 1 rows, space-separated\na:=x{b b\n1 2",
		"table 1: 1 rows, space-separated\n(a:=x{b} b\n1",
		"table 1: 1 rows, space-separated\n(a:=1) b\n1",
		"table 1: 1 rows, space-separated\n(a:=[1]) b\n1",
		/* Sources that are missing, no text, or without a slash. */
		"table 1: 1 rows, space-separated\n(a:=x{b}) b\n-",
		"table 1: 1 rows, space-separated\na?:=x{b} b\n* -",
		"table 1: 1 rows, space-separated\na?:=x{b} (b=1)\n*",
		"table 1: 1 rows, space-separated\n(a?:=x{b}) b\n1",
		"table 1: 1 rows, space-separated\na?:=x{}{b} b\n* 1",
		"table 1: 1 rows, space-separated\na?:=x b\n* 1",
		"table 1: 1 rows, space-separated\na?:=x{b} b?:=y{c} c\n* 1 2",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b\n",
		"table 1: 1 rows, comma-separated\n(a:=x{b}),b\n",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b\n[]",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b\n\\\"q\"",
		"table 1: 1 rows, space-separated\n(a:=\"x{b after /}\") b\nq",
		"table 1: 1 rows, space-separated\n(a:=x{b}) b c\n1",
		"[[table 1]]\n[2]\ntable 1: 1 rows, space-separated\na\n1",
		/* Tables like themselves, like none, like one of another sort. */
		"table 1: 1 rows like table 1\n1", "table 1: 1 rows like table 0\n1",
		"[[table 1],[table 2]]\ntable 1: 1 rows, space-separated\na\n1\ntable 2: 1 rows like table 3\n1",
		"[[table 1],[table 2]]\ntable 1: 1 rows, space-separated\na\n1\ntable 2: 1 members like table 1\n1",
		"[[table 1],[table 2]]\ntable 1: 1 rows, space-separated\na\n1\ntable 2: 1 rows like table 1, empty = null\n1",
		"[[table 1],[table 2]]\ntable 1: 1 rows, space-separated\na\n1\ntable 2: 2 rows like table 1\n1",
		/* Ranges that are none, or of what can not be repeated. */
		"table 1: 1 rows, space-separated\na\n{2..1:x}", "table 1: 1 rows, space-separated\na\n{2..2:x}",
		"table 1: 1 rows, space-separated\na\n{01..2:x}", "table 1: 1 rows, space-separated\na\n{1..2..3:x}",
		"table 1: 1 rows, space-separated\na\n{1..2:[]}", "table 1: 1 rows, space-separated\na\n{1..2:{a:1}}",
		"table 1: 1 rows, space-separated\na\n{1..:x}", "table 1: 1 rows, space-separated\na\n{1..1000000000:x}",
		"{1..2:[table 1]}\ntable 1: 1 rows, space-separated\na\n1",
		/* Kinds that are not there, or not said. */
		"table 1: 1 rows of 0 kinds, space-separated\n\n", "table 1: 1 rows of 17 kinds, space-separated\nA: a\nA 1",
		"table 1: 1 rows of 1 kinds, space-separated\na\n1", "table 1: 1 rows of 1 kinds, space-separated\nB: a\nB 1",
		"table 1: 1 rows of 2 kinds, space-separated\nA: a\nA 1", "table 1: 1 rows of 1 kinds, space-separated\nA: a\nB 1",
		"table 1: 1 rows of 1 kinds, space-separated\nA: a\nA1", "table 1: 1 rows of 1 kinds, space-separated\nA: a\nA",
		"table 1: 1 rows of 1 kinds, space-separated\nA: (a=1)\nA 1", "table 1: 1 rows of 1 kinds, space-separated\nA: a\n1",
		"table 1: 1 members of 1 kinds, space-separated\nA: \nA", "table 1: 1 rows of 1 kinds, space-separated\nA: a\n",
		/* Relaxed JSON that could be read in two ways, or not at all. */
		"[a,]\ntable 1: 1 rows, space-separated\na\n1",
		"table 1: 1 rows, space-separated\na\n[,a]", "table 1: 1 rows, space-separated\na\n[a ,b]",
		"table 1: 1 rows, space-separated\na\n[ a]", "table 1: 1 rows, space-separated\na\n[*a]",
		"table 1: 1 rows, space-separated\na\n[01]", "table 1: 1 rows, space-separated\na\n[a\"b]",
		"table 1: 1 rows, space-separated\na\n{a}", "table 1: 1 rows, space-separated\na\n{a:}",
		"table 1: 1 rows, space-separated\na\n{:1}", "table 1: 1 rows, space-separated\na\n{a:1]",
		"table 1: 1 rows, space-separated\na\n{a:1,}", "table 1: 1 rows, space-separated\na\n{a:[b}",
		"table 1: 1 rows, space-separated\na\n{a:b\nc}", "table 1: 1 rows, space-separated\na\n=bare",
		/* Wordings: no line, another column's, no text, too few or many parts. */
		"table 1: 1 rows, space-separated\na:short\nw",
		"table 1: 1 rows, space-separated\na:short\nb:short w=x\nw",
		"table 1: 1 rows, space-separated\na:short\na w=x\nw",
		"table 1: 1 rows, space-separated\na:short\na:short w\nw",
		"table 1: 1 rows, space-separated\na:short\na:short =x\nw",
		"table 1: 1 rows, space-separated\na:short\na:short w=1\nw",
		"table 1: 1 rows, space-separated\na:short\na:short w=[1]\nw",
		"table 1: 1 rows, space-separated\na:short\na:short w=x{}\nw",
		"table 1: 1 rows, space-separated\na:short\na:short w=x{}\nw:1:2",
		"table 1: 1 rows, space-separated\na:short\na:short w=x\nw:",
		"table 1: 1 rows, space-separated\na:short=x{}\na:short w=x\nw",
		"table 1: 1 rows, space-separated\na:short (b:=x{a})\na:short w=x\nw",
		/* Sequences: no line or another, other moments, steps of nothing, gaps. */
		"table 1: 1 rows, space-separated\n(a:+1s) b\n1",
		"table 1: 1 rows, space-separated\n(a:+1s) b\n@2024-01-15T10:00:00Z\n1",
		"table 1: 1 rows, space-separated\n(a:+1s) b\n@ 2024-01-15\n1",
		"table 1: 1 rows, space-separated\n(a:+1s) b\n@ 1705312800\n1",
		"table 1: 1 rows, space-separated\n(a:+1) b\n@ \"1705312800\"\n1",
		"table 1: 1 rows, space-separated\n(a:+1d) b\n@ -\n1",
		"table 1: 1 rows, space-separated\n(a:+1d) b\n@ \n1",
		"table 1: 1 rows, space-separated\n(a:+1d) b\n@ []\n1",
		"table 1: 1 rows, space-separated\n(a:1d) b\n@ 2024-01-15\n1",
		"table 1: 1 rows, space-separated\n(a:+1d b\n@ 2024-01-15\n1",
		"table 1: 1 rows, space-separated\n(a:+1d=) b\n@ 2024-01-15\n1",
		"table 1: 1 rows, space-separated\n(a:+1d) (b:+1d) c\n@ 2024-01-15\n1",
		"table 1: 1 rows, space-separated\n(a:+1d) (b:=x{a}) c\n@ 2024-01-15\n1",
		"table 1: 2 rows, space-separated\n(a:+1d) b\n@ 9999-12-31\n1\n2",
		"table 1: 2 rows, space-separated\n(a:+1d) b\n@ 2024-01-15\n1\n@ 2024-01-16\n2",
		/* Members without a name, with one that is no string, and gaps. */
		"table 1: 1 members, space-separated\n\n",
		"table 1: 1 members, space-separated\nkey a\nnull 1",
		"table 1: 1 members, comma-separated\nkey,a\n[],1",
		"table 1: 1 members, comma-separated\n(key=1),a\n1",
		"table 1: 1 members, comma-separated\nkey,a\n={}",
		"table 1: 1 members, comma-separated\nkey,a\n=1:{}",
		"table 1: 1 members, comma-separated\nkey,a\n=\"x\"{}",
		"table 1: 2 members, comma-separated\nkey,a\nx,1\n\u20262",
	};
	char form[256];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(form, sizeof form, HEAD "%s", bad[i]);
		check_refused(form, ERR_SYNTAX);
	}
	check_refused("[JSON as tables v1: no end of line", ERR_SYNTAX);
	check_refused(LINES_HEAD "table 1: 2 members, comma-separated\nkey,a\nx,1\ny,2", ERR_SYNTAX);
	check_refused("[JSON with fewer quotes v2: x]\n{a:[table 1]}\ntable 1: 1 rows, space-separated\na\n1", ERR_SYNTAX);
	check_refused("[JSON with fewer quotes v2: x]\n{a:1}\n{b:2}", ERR_SYNTAX);
	check_refused("[JSON with fewer quotes v3: x]\n{a:1}", ERR_UNSUPPORTED);
	check_refused("[JSON as tables v1 rules]\ntable 1: 1 rows, space-separated\na\n1", ERR_SYNTAX);
	/* Lines that are one value only, and JSON that is lines. */
	check_refused(LINES_HEAD "table 1: 1 rows, space-separated\na\n1", ERR_SYNTAX);
}

/* Cutting or changing any one byte gives an error or some JSON, never more. */
static void
every_single_damage_is_survived(void **state)
{
	(void)state;
	static const char whole[] = HEAD "{\"n\":[table 1],\"m\":[table 2]}\n"
		"table 1: 3 rows, bar-separated\na:text|b.c|d=x{}z|(e=5)|f|(g:=u{a}v)|h:=\"{}-{f after /}\"|i:short|j?:=\"{a}!\"\ni:short|w=s {} t|v=y z\n1||y|\"p/q\"|7|w:q|*\n2|[table 3]|\"\"|/w|\"8\"|v|k\n=null\n"
		"table 2: 1 rows, comma-separated\nk,(m:+1d=\"2024-{}\")\n@ 01-31\n\\\"\\ud800\"\ntable 3: 2 rows, space-separated\nl\n-\n{}";
	static const char others[] = "\0\n\"[{ -x9|,=\\}]\xff";
	const size_t n = sizeof whole - 1;
	char copy[sizeof whole];
	size_t refused = 0;

	check_decodes(whole, "{\"n\":[{\"a\":\"1\",\"d\":\"xyz\",\"e\":5,\"f\":\"p/q\",\"g\":\"u1v\",\"h\":\"7-q\",\"i\":\"s q t\",\"j\":\"1!\"},"
			     "{\"a\":\"2\",\"b\":{\"c\":[{},{\"l\":{}}]},\"d\":\"xz\",\"e\":5,\"f\":\"/w\",\"g\":\"u2v\",\"h\":\"8-w\",\"i\":\"y z\",\"j\":\"k\"},"
			     "null],\"m\":[{\"k\":\"\\ud800\",\"m\":\"2024-01-31\"}]}");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof others; k++) {
			struct span out = SPAN_NONE;
			struct arena a;

			memcpy(copy, whole, sizeof copy);
			if (k < sizeof others - 1)
				copy[i] = others[k];
			const enum err e = decode(span_of(copy, k < sizeof others - 1 ? n : i), &a,
						  1 << 20, &out);
			refused += e != OK;
			assert_true(e == OK || e == ERR_SYNTAX || e == ERR_UNSUPPORTED);
			arena_free(&a);
		}
	assert_true(refused > n * 5);
}

static void
a_value_named_by_many_columns_is_charged(void **state)
{
	(void)state;
	struct span out = SPAN_NONE;
	struct arena a;
	struct buf b;

	buf_init(&b, 1 << 22);
	buf_add_str(&b, HEAD "table 1: 1 rows, space-separated\nz");
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&b, " (a%u:=x{z})", i);
	buf_add_char(&b, '\n');
	for (unsigned i = 0; i < 100000; i++)
		buf_add_str(&b, "0123456789");
	assert_int_equal(decode(buf_span(&b), &a, 20 << 20, &out), ERR_FUEL);
	arena_free(&a);
	assert_int_equal(decode(buf_span(&b), &a, COMPRESS_DECODE_FUEL, &out), ERR_LIMIT);
	arena_free(&a);
	buf_free(&b);
}

/* A small form may stand for very much: fuel says how much is had. */
static void
bombs_end(void **state)
{
	(void)state;
	check_refused("[JSON with fewer quotes v2: x]\n{0..999999999:x}", ERR_LIMIT);
	struct span out = SPAN_NONE;
	struct arena a;
	struct buf b;

	buf_init(&b, 1 << 22);
	buf_add_str(&b, HEAD "table 1: 1000000 rows, space-separated\n(a=");
	for (unsigned i = 0; i < 1000; i++)
		buf_add_str(&b, "0123456789");
	buf_add_char(&b, ')');
	for (unsigned i = 0; i < 1000000; i++)
		buf_add_char(&b, '\n');
	assert_int_equal(decode(buf_span(&b), &a, 20 << 20, &out), ERR_FUEL);
	arena_free(&a);
	assert_int_equal(decode(buf_span(&b), &a, COMPRESS_DECODE_FUEL, &out), ERR_LIMIT);
	arena_free(&a);
	buf_free(&b);
}

/* Names of nothing, of what follows, of itself; twice the same. */
static void
only_what_is_above_has_a_name(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"[*A]", "*A=[1]", "*A=[1]\n", "*A=[1]\n[*B]", "*A=[*A]\n[*A]", "*A=[*B]\n*B=[1]\n[*A]",
		"*A=[1]\n*A=[2]\n[*A]", "*=[1]\n[*]", "*A=[1]\n[*A", "*A=[1]\n[*]", "*A=[1]\n[*A:1]",
		"*A=[1]\n{*A:1}", "*A=[1]\n[2]\n*B=[2]", "*A=\n[*A]",
		"*id: 1 rows, comma-separated\nn\n1\n[1]", "*id: 1 rows, comma-separated\n(id=a)\n\n[*a]",
		"*id: 2 rows, comma-separated\nid\na\na\n[*a]", "*id: 1 rows, comma-separated\nid\n\"a\"\n[*a]",
		"*id: 1 rows, comma-separated\nid\na b\n[*a]", "*id: 1 rows, comma-separated\nid,n\n,1\n[*a]",
		"*id: 1 rows, comma-separated\nid=x{}\na\n[*a]", "*id: 1 rows, comma-separated\nid,n\na,*a\n[*a]",
		"*id: 2 rows, comma-separated\nid,n\na,*b\nb,1\n[*a]", "*id: 1 rows, comma-separated\nid\n={\"id\":\"a\"}\n[*a]",
		"*id: 2 rows, comma-separated\nid\na\n[*a]", "*id: 1 members, comma-separated\nkey,id\nk,a\n[*a]",
		"*: 1 rows, comma-separated\nid\na\n[1]", "*: 1 rows, comma-separated\nid\n*a\n[*a]",
		"*: 1 rows, comma-separated\nid\n*,1\n[1]", "*: 1 rows, comma-separated\nid\n*a b,1\n[1]",
		"*: 1 rows, comma-separated\nid\n*a,[table 1]\n[1]", "*:1 rows, comma-separated\nid\n*a,1\n[1]",
	};
	char form[200];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(form, sizeof form, RELAXED_HEAD "%s", bad[i]);
		check_refused(form, ERR_SYNTAX);
	}
}

/* Each definition names the one before it twice. */
static void
definitions_that_double_end(void **state)
{
	(void)state;
	struct span out = SPAN_NONE;
	struct arena a;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, RELAXED_HEAD "*n0=[0]\n");
	for (unsigned i = 1; i < 200; i++)
		buf_addf(&b, "*n%u=[*n%u,*n%u]\n", i, i - 1, i - 1);
	buf_add_str(&b, "[*n199]");
	assert_int_equal(decode(buf_span(&b), &a, 20 << 20, &out), ERR_FUEL);
	arena_free(&a);
	assert_int_equal(decode(buf_span(&b), &a, COMPRESS_DECODE_FUEL, &out), ERR_LIMIT);
	arena_free(&a);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_decodes_to_itself),
		cmocka_unit_test(tables_decode_to_minified_json),
		cmocka_unit_test(other_texts_are_no_forms),
		cmocka_unit_test(forms_of_earlier_versions_are_read_as_they_were_written),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(every_single_damage_is_survived),
		cmocka_unit_test(a_value_named_by_many_columns_is_charged),
		cmocka_unit_test(bombs_end),
		cmocka_unit_test(only_what_is_above_has_a_name),
		cmocka_unit_test(definitions_that_double_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
