#include "compress/first_line.h"

#include "compress/compress.h"

enum err
first_line_number(struct span *const rest, uint32_t *const out)
{
	uint32_t n = 0;
	size_t i = 0;

	while (i < rest->n && i < 9 && rest->p[i] >= '0' && rest->p[i] <= '9')
		n = n * 10 + (uint32_t)(rest->p[i++] - '0');
	if (i == 0 || (rest->p[0] == '0' && i > 1))
		return ERR_SYNTAX;
	*rest = span_from(*rest, i);
	*out = n;
	return OK;
}

enum err
first_line_version(struct span *const rest)
{
	uint32_t version;

	TRY(first_line_number(rest, &version));
	if (version == 0)
		return ERR_SYNTAX;
	return version <= COMPRESS_ENGINE_VERSION ? OK : ERR_UNSUPPORTED;
}
