/* Cutting text into the pieces that byte-pair encoding treats one by one.
 *
 * The published patterns, whose alternatives are tried in this order:
 *   cl100k: '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
 *           ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s
 *   o200k:  [^\r\n\p{L}\p{N}]?[CAPITAL]*[SMALL]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
 *           [^\r\n\p{L}\p{N}]?[CAPITAL]+[SMALL]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
 *           \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * matched here by hand; each character is looked at a bounded number of times. */
#ifndef HR_TOKENS_SPLIT_H
#define HR_TOKENS_SPLIT_H

#include <stdint.h>

#include "tokens/tokens.h"

/* The end of the piece that begins at `p`; p < end, and the result is > p. */
const uint8_t *split_o200k(const uint8_t *p, const uint8_t *end);
const uint8_t *split_cl100k(const uint8_t *p, const uint8_t *end);

#endif
