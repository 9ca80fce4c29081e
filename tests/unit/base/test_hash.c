#include "unit.h"

#include "base/hash.h"

static void
sha256_of_the_standards_samples(void **state)
{
	(void)state;
	uint8_t out[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];

	sha256(SPAN("abc"), out);
	hex_encode(out, sizeof out, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256(SPAN(""), out);
	hex_encode(out, sizeof out, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
table_keys_agree_within_a_process_and_tell_lengths_apart(void **state)
{
	(void)state;
	static const char zeros[64];

	for (size_t i = 0; i < 64; i++)
		for (size_t k = 0; k < 64; k++)
			assert_int_equal(hash_table_key(span_of(zeros, i)) == hash_table_key(span_of(zeros, k)),
					 i == k);
}

static void
the_stable_hash_is_fnv_1a(void **state)
{
	(void)state;
	/* From the test vectors of the FNV reference page. */
	assert_int_equal(hash_stable(SPAN("")), 0xcbf29ce484222325u);
	assert_int_equal(hash_stable(SPAN("foobar")), 0x85944171f73967e8u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_the_standards_samples),
		cmocka_unit_test(table_keys_agree_within_a_process_and_tell_lengths_apart),
		cmocka_unit_test(the_stable_hash_is_fnv_1a),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
