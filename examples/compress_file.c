/* Prints the smallest form of a file, and on stderr what was saved:
 *     cc compress_file.c -o compress_file $(pkg-config --cflags --libs headroom)
 *     ./compress_file orders.json >orders.txt */
#include <headroom/headroom.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file, to be freed; NULL: errno says why. */
static char *
read_file(const char *path, size_t *length)
{
	FILE *const f = fopen(path, "rb");
	size_t room = 1 << 16, n = 0;
	char *text = f ? malloc(room) : NULL;

	while (text) {
		n += fread(text + n, 1, room - n, f);
		if (n < room)
			break;
		char *const more = realloc(text, room *= 2);
		if (!more)
			free(text);
		text = more;
	}
	if (text && ferror(f)) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	*length = n;
	return text;
}

int
main(int argc, char **argv)
{
	hr_result *result;
	size_t length;

	if (argc != 2) {
		fprintf(stderr, "usage: compress_file FILE\n");
		return 2;
	}
	char *const text = read_file(argv[1], &length);
	if (!text) {
		fprintf(stderr, "compress_file: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	const hr_status status = hr_compress_text(NULL, NULL, text, length, &result);
	free(text);
	if (status != HR_OK) {
		fprintf(stderr, "compress_file: %s: %s\n", argv[1], hr_status_text(status));
		return 1;
	}
	const char *const form = hr_result_text(result, &length);
	const int ok = fwrite(form, 1, length, stdout) == length && fflush(stdout) == 0;
	fprintf(stderr, "%llu -> %llu tokens, as %s\n",
		(unsigned long long)hr_result_tokens_before(result),
		(unsigned long long)hr_result_tokens_after(result), hr_result_form(result));
	hr_result_free(result);
	return ok ? 0 : 1;
}
