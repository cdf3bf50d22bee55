// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tests and reports as KTAP. */

#include "test.h"

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "options",		test_options },
	{ "image",		test_image },
	{ "devicetree",		test_devicetree },
	{ "uart",		test_uart },
	{ "virtio registers",	test_virtio_registers },
	{ "virtio queue",	test_virtio_queue },
	{ "virtio block",	test_virtio_block },
	{ "virtio console",	test_virtio_console },
	{ "virtio messages",	test_virtio_messages },
};

static unsigned int failures;

void expect_failed(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\n", file, line, what);
	failures++;
}

int main(void)
{
	bool bad = false;

	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(tests));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		failures = 0;
		fakes_reset();
		tests[i].run();
		printf("%sok %zu %s\n", failures ? "not " : "", i + 1, tests[i].name);
		fflush(stdout);
		bad |= failures;
	}
	return bad;
}
