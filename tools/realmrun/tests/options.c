// SPDX-License-Identifier: GPL-2.0-only

#include <string.h>

#include "../options.h"
#include "test.h"

#define MAX_ARGS	16

static char error[256];
static char words[512];

/* Parse a command line that is given as one string */
static enum options_result parse(const char *line, struct options *opts)
{
	char *argv[MAX_ARGS] = { "realmrun" };
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	error[0] = '\0';
	return options_parse(opts, argc, argv, error, sizeof(error));
}

static const struct {
	const char *line;
	const char *error;	/* what it has to say */
} bad_lines[] = {
	{ "",						"--realm or --normal" },
	{ "--kernel I",					"--realm or --normal" },
	{ "--realm",					"--kernel is missing" },
	{ "--realm --normal --kernel I",		"exclude" },
	{ "--realm --kernel I --cpus 0",		"--cpus 0" },
	{ "--realm --kernel I --cpus 65",		"from 1 to 64" },
	{ "--realm --kernel I --cpus two",		"--cpus two" },
	{ "--realm --kernel I --cpus 2x",		"--cpus 2x" },
	{ "--realm --kernel I --cpus -1",		"--cpus -1" },
	{ "--realm --kernel I --cpus",			"needs a value" },
	{ "--realm --kernel I --mem lots",		"not a number" },
	{ "--realm --kernel I --mem 1T",		"suffixes" },
	{ "--realm --kernel I --mem 1GB",		"suffixes" },
	{ "--realm --kernel I --mem 1",			"less than 32 MB" },
	{ "--realm --kernel I --mem 2000000G",		"more than" },
	{ "--realm --kernel I --mem 99999999999999999999999",	"not a number" },
	{ "--realm --kernel I --mem 65537K",		"multiple of 2 MB" },
	{ "--realm --kernel I --backing both",		"private or shared" },
	{ "--realm --kernel I --thp sometimes",		"never, madvise or always" },
	{ "--realm --kernel I --console tty",		"uart or virtio" },
	{ "--realm --kernel I --disk ,ro",		"no file" },
	{ "--realm --kernel I --frobnicate",		"--frobnicate" },
	{ "--realm --kernel I --stats=yes",		"--stats=yes" },
	{ "--realm --kernel I more",			"more: not an option" },
	{ "--realm --kernel I --disk 1 --disk 2 --disk 3 --disk 4 --disk 5",	NULL },
};

static void test_bad(void)
{
	struct options opts;

	for (size_t i = 0; i < ARRAY_SIZE(bad_lines); i++) {
		enum options_result result = parse(bad_lines[i].line, &opts);
		char what[512];

		if (bad_lines[i].error ? result == OPTIONS_BAD &&
		    strstr(error, bad_lines[i].error) : result == OPTIONS_OK)
			continue;
		snprintf(what, sizeof(what), "\"%s\": result %d, \"%s\"", bad_lines[i].line,
			 result, error);
		expect_failed(__FILE__, __LINE__, what);
	}
}

static void test_defaults(void)
{
	struct options opts;

	expect_eq(parse("--normal --kernel I", &opts), OPTIONS_OK);
	expect(!opts.realm && !strcmp(opts.kernel, "I") && !opts.initrd && !*opts.append);
	expect_eq(opts.cpus, 1);
	expect_eq(opts.mem, 256 * SZ_1M);
	expect_eq(opts.backing, BACKING_PRIVATE);
	expect_eq(opts.thp, THP_SYSTEM);
	expect_eq(opts.console, CONSOLE_UART);
	expect(!opts.stats && !opts.sve && !opts.earlycon && !opts.nr_disks);
}

static void test_all(void)
{
	static const char all[] =
		"--realm --cpus 64 --mem 1048576K --kernel I --initrd R --append quiet";
	struct options opts;

	expect_eq(parse(all, &opts), OPTIONS_OK);
	expect(opts.realm && !strcmp(opts.initrd, "R") && !strcmp(opts.append, "quiet"));
	expect_eq(opts.cpus, 64);
	expect_eq(opts.mem, 1024 * SZ_1M);

	expect_eq(parse("--realm --kernel I --disk a,b --disk c,ro --backing shared --thp never",
			&opts), OPTIONS_OK);
	expect_eq(opts.nr_disks, 2);
	expect(!strcmp(opts.disks[0].path, "a,b") && !opts.disks[0].read_only);
	expect(!strcmp(opts.disks[1].path, "c") && opts.disks[1].read_only);
	expect_eq(opts.backing, BACKING_SHARED);
	expect_eq(opts.thp, THP_NEVER);

	expect_eq(parse("--realm --kernel I --mem 64M --thp always --console virtio --stats --sve",
			&opts), OPTIONS_OK);
	expect_eq(opts.mem, 64 * SZ_1M);
	expect_eq(opts.thp, THP_ALWAYS);
	expect_eq(opts.console, CONSOLE_VIRTIO);
	expect(opts.stats && opts.sve);

	expect_eq(parse("--help", &opts), OPTIONS_HELP);
}

static void test_disk_limit(void)
{
	char line[256] = "--realm --kernel I";
	struct options opts;

	for (int i = 0; i < MAX_DISKS; i++)
		strcat(line, " --disk=d");
	/* argv of parse() has no room for more in two words each */
	expect_eq(parse(line, &opts), OPTIONS_OK);
	expect_eq(opts.nr_disks, MAX_DISKS);
	strcat(line, " --disk=d");
	expect_eq(parse(line, &opts), OPTIONS_BAD);
}

void test_options(void)
{
	test_bad();
	test_defaults();
	test_all();
	test_disk_limit();
}
