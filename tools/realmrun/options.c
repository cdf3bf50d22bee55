// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line.
 */

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

const char options_usage[] =
"usage: realmrun --realm|--normal --kernel IMAGE [OPTION...]\n"
"\n"
"  --realm               run a realm (Arm CCA)\n"
"  --normal              run an ordinary VM with the same devices\n"
"  --cpus N              number of vCPUs (1)\n"
"  --mem M               megabytes of memory, or with a suffix K, M, G (256M)\n"
"  --kernel IMAGE        an uncompressed arm64 Linux Image\n"
"  --initrd FILE         its initial RAM disk\n"
"  --append TEXT         its command line\n"
"  --disk FILE[,ro]      a virtio block device; may be repeated\n"
"  --console uart|virtio device that the terminal is connected to (uart)\n"
"  --earlycon            early console output of the guest\n"
"  --backing private|shared\n"
"                        mapping of the memory shared with the guest (private)\n"
"  --thp never|madvise|always\n"
"                        its transparent huge pages (as the system has it)\n"
"  --sve                 give the guest SVE\n"
"  --stats               print what happened at the end\n"
"  --help\n"
"\n"
"Ctrl-A X ends it, Ctrl-A Ctrl-A is Ctrl-A.\n"
"\n"
"The exit status is 0 after the guest's power-off, 3 after a reset, 4 when it\n"
"crashed, 5 after Ctrl-A X; 1 on an error here, 2 of this command line.\n";

enum {
	OPT_REALM = 256,
	OPT_NORMAL,
	OPT_CPUS,
	OPT_MEM,
	OPT_KERNEL,
	OPT_INITRD,
	OPT_APPEND,
	OPT_DISK,
	OPT_CONSOLE,
	OPT_EARLYCON,
	OPT_BACKING,
	OPT_THP,
	OPT_SVE,
	OPT_STATS,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "realm",	no_argument,		NULL, OPT_REALM },
	{ "normal",	no_argument,		NULL, OPT_NORMAL },
	{ "cpus",	required_argument,	NULL, OPT_CPUS },
	{ "mem",	required_argument,	NULL, OPT_MEM },
	{ "kernel",	required_argument,	NULL, OPT_KERNEL },
	{ "initrd",	required_argument,	NULL, OPT_INITRD },
	{ "append",	required_argument,	NULL, OPT_APPEND },
	{ "disk",	required_argument,	NULL, OPT_DISK },
	{ "console",	required_argument,	NULL, OPT_CONSOLE },
	{ "earlycon",	no_argument,		NULL, OPT_EARLYCON },
	{ "backing",	required_argument,	NULL, OPT_BACKING },
	{ "thp",	required_argument,	NULL, OPT_THP },
	{ "sve",	no_argument,		NULL, OPT_SVE },
	{ "stats",	no_argument,		NULL, OPT_STATS },
	{ "help",	no_argument,		NULL, OPT_HELP },
	{ }
};

/* Where the values of one command line go, while it is looked at. */
struct parser {
	struct options *opts;
	bool kind_given;
	char *error;
	size_t error_size;
};

static bool __printf(2, 3) bad(struct parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->error, p->error_size, fmt, args);
	va_end(args);
	return false;
}

static bool parse_number(const char *text, u64 *value, const char **end)
{
	char *stop;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &stop, 0);
	*end = stop;
	return !errno;
}

static bool set_kind(struct parser *p, bool realm)
{
	if (p->kind_given && p->opts->realm != realm)
		return bad(p, "--realm and --normal exclude each other");
	p->opts->realm = realm;
	p->kind_given = true;
	return true;
}

static bool set_cpus(struct parser *p, const char *text)
{
	const char *end;
	u64 n;

	if (!parse_number(text, &n, &end) || *end || n < 1 || n > MAX_CPUS)
		return bad(p, "--cpus %s: want a number from 1 to %d", text, MAX_CPUS);
	p->opts->cpus = n;
	return true;
}

static bool set_mem(struct parser *p, const char *text)
{
	const u64 most = 1ULL << 20;		/* MB */
	unsigned int shift = 20;
	const char *end;
	u64 n;

	if (!parse_number(text, &n, &end))
		return bad(p, "--mem %s: not a number", text);
	if (*end) {
		static const char suffixes[] = "KMG";
		const char *suffix = strchr(suffixes, *end);

		if (!suffix || end[1])
			return bad(p, "--mem %s: the suffixes are K, M and G", text);
		shift = 10 * (suffix - suffixes + 1);
	}
	if (n > (most << 20) >> shift)
		return bad(p, "--mem %s: more than %lluG", text, most >> 10);

	n <<= shift;
	if (n < 32 * SZ_1M)
		return bad(p, "--mem %s: less than 32 MB", text);
	if (!IS_ALIGNED(n, SZ_2M))
		return bad(p, "--mem %s: not a multiple of 2 MB", text);
	p->opts->mem = n;
	return true;
}

static bool add_disk(struct parser *p, char *text)
{
	struct disk_option *disk = &p->opts->disks[p->opts->nr_disks];
	char *comma = strrchr(text, ',');

	if (p->opts->nr_disks == MAX_DISKS)
		return bad(p, "--disk: not more than %d", MAX_DISKS);
	if (comma && !strcmp(comma, ",ro")) {
		*comma = '\0';
		disk->read_only = true;
	}
	if (!*text)
		return bad(p, "--disk: no file named");
	disk->path = text;
	p->opts->nr_disks++;
	return true;
}

struct choice {
	const char *name;
	int value;
};

static const struct choice consoles[] = {
	{ "uart",	CONSOLE_UART },
	{ "virtio",	CONSOLE_VIRTIO },
	{ }
};

static const struct choice backings[] = {
	{ "private",	BACKING_PRIVATE },
	{ "shared",	BACKING_SHARED },
	{ }
};

static const struct choice thps[] = {
	{ "never",	THP_NEVER },
	{ "madvise",	THP_MADVISE },
	{ "always",	THP_ALWAYS },
	{ }
};

static bool choose(struct parser *p, const char *option, const char *text,
		   const struct choice *choices, int *value)
{
	const struct choice *c;
	char names[64] = "";

	for (c = choices; c->name; c++) {
		if (!strcmp(c->name, text)) {
			*value = c->value;
			return true;
		}
		if (c != choices)
			strcat(names, c[1].name ? ", " : " or ");
		strcat(names, c->name);
	}
	return bad(p, "--%s %s: want %s", option, text, names);
}

static bool parse_one(struct parser *p, int opt, char *arg)
{
	struct options *opts = p->opts;

	switch (opt) {
	case OPT_REALM:
		return set_kind(p, true);
	case OPT_NORMAL:
		return set_kind(p, false);
	case OPT_CPUS:
		return set_cpus(p, arg);
	case OPT_MEM:
		return set_mem(p, arg);
	case OPT_KERNEL:
		opts->kernel = arg;
		return true;
	case OPT_INITRD:
		opts->initrd = arg;
		return true;
	case OPT_APPEND:
		opts->append = arg;
		return true;
	case OPT_DISK:
		return add_disk(p, arg);
	case OPT_CONSOLE:
		return choose(p, "console", arg, consoles, &opts->console);
	case OPT_EARLYCON:
		opts->earlycon = true;
		return true;
	case OPT_BACKING:
		return choose(p, "backing", arg, backings, &opts->backing);
	case OPT_THP:
		return choose(p, "thp", arg, thps, &opts->thp);
	case OPT_SVE:
		opts->sve = true;
		return true;
	case OPT_STATS:
		opts->stats = true;
		return true;
	}
	return bad(p, "option %d is not handled", opt);
}

/**
 * options_parse() - Take the command line apart
 * @opts: where the result goes; what is not asked for has its default
 * @argc: number of @argv
 * @argv: the command line; @opts points into it
 * @error: receives what is wrong with it, one line without an end
 * @error_size: its size in bytes
 *
 * Return: OPTIONS_OK; OPTIONS_HELP if only help was asked for; OPTIONS_BAD with
 *	   @error.
 */
enum options_result options_parse(struct options *opts, int argc, char **argv,
				  char *error, size_t error_size)
{
	struct parser p = { .opts = opts, .error = error, .error_size = error_size };
	int opt;

	*opts = (struct options) { .cpus = 1, .mem = 256 * SZ_1M, .append = "" };

	opterr = 0;
	optind = 0;
	while ((opt = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		const char *given = argv[optind - 1];

		if (opt == OPT_HELP)
			return OPTIONS_HELP;
		if (opt == ':')
			bad(&p, "%s needs a value", given);
		else if (opt == '?')
			bad(&p, "%s: no such option, or it takes no value", given);
		else if (parse_one(&p, opt, optarg))
			continue;
		return OPTIONS_BAD;
	}

	if (optind < argc)
		bad(&p, "%s: not an option", argv[optind]);
	else if (!p.kind_given)
		bad(&p, "say --realm or --normal");
	else if (!opts->kernel)
		bad(&p, "--kernel is missing");
	else
		return OPTIONS_OK;
	return OPTIONS_BAD;
}
