// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tests and prints TAP: "ok 1 - name", then "N passed, N failed, N skipped". */
#include <libfdt.h>
#include <spinlock.h>
#include <string.h>
#include <sysreg.h>
#include <uart.h>
#include "control.h"
#include "harness.h"

static const struct {
	const char *name;
	const struct test *tests;
} suites[] = {
	{ "global", global_tests },
	{ "delegate", delegate_tests },
	{ "realm", realm_tests },
	{ "rec", rec_tests },
	{ "rtt", rtt_tests },
	{ "map", map_tests },
	{ "ripas", ripas_tests },
	{ "op", op_tests },
	{ "smp", smp_tests },
	{ "psci", psci_tests },
	{ "control", control_tests },
	{ "el3-psci", el3_psci_tests },
	{ "el3-dtb", el3_dtb_tests },
	{ "el3-regs", el3_regs_tests },
	{ "el3-gic", el3_gic_tests },
	{ "el3-smccc", el3_smccc_tests },
	{ "el3-world", el3_world_tests },
	{ "enter", realm_enter_tests },
	{ "exit", realm_exit_tests },
	{ "mmio", realm_mmio_tests },
	{ "abort", realm_abort_tests },
	{ "a32", realm_a32_tests },
	{ "rsi", realm_rsi_tests },
	{ "measure", realm_measure_tests },
	{ "realm-psci", realm_psci_tests },
	{ "cpu-on", realm_cpu_on_tests },
	{ "realm-smc", realm_smc_tests },
	{ "state", realm_state_tests },
	{ "regs", rec_regs_tests },
	{ "hidden", realm_hidden_tests },
	{ "pmu", realm_pmu_tests },
	{ "irq", realm_irq_tests },
	{ "gic", realm_gic_tests },
	{ "realm-smp", realm_smp_tests },
	{ "tlb", realm_tlb_tests },
	{ "wipe", realm_wipe_tests },
};

/* Verdict on the test that runs. */
static struct {
	bool failed;
	bool skipped;
	char reason[80];
	void *resume[5];	/* of __builtin_setjmp() */
} current;

static struct {
	unsigned int passed, failed, skipped;
} total;

static spinlock_t console_lock = SPINLOCK_INIT;

void (*rmi_hook)(struct arm_smccc_1_2_regs *regs) = arm_smccc_call;

void console_write(const char *s, size_t len)
{
	spin_lock(&console_lock);
	uart_write(UART0_BASE, s, len);
	spin_unlock(&console_lock);
}

void machine_stop(const char *s, size_t len)
{
	uart_write(UART0_BASE, s, len);
	power_off();
}

void test_failed(const char *file, int line, const char *fmt, ...)
{
	char buf[PRINTF_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);

	printf("# %s:%d: %s\n", file, line, buf);
	current.failed = true;
}

void test_abort(void)
{
	__builtin_longjmp(current.resume, 1);
}

void skip_test(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(current.reason, sizeof(current.reason), fmt, args);
	va_end(args);

	current.skipped = true;
	test_abort();
}

bool test_status(const char *file, int line, const char *call, rmi_status_t st,
		 unsigned long code)
{
	if (rmi_code(st) == code)
		return true;

	test_failed(file, line, "%s: %s (0x%lx), not %s", call, rmi_status_name(st), st.raw,
		    rmi_status_name((rmi_status_t){ .raw = code }));
	return false;
}

bool test_status_level(const char *file, int line, const char *call, rmi_status_t st,
		       unsigned long code, long level)
{
	if (!test_status(file, line, call, st, code))
		return false;
	if (rmi_index(st) == (unsigned long)level)
		return true;

	test_failed(file, line, "%s: level %lu, not %ld", call, rmi_index(st), level);
	return false;
}

/* Not inlined: what it keeps in registers across the jump is its own business. */
static noinline void call_test(const struct test *test)
{
	if (!__builtin_setjmp(current.resume))
		test->fn();
}

/* Take back what the test used; the next one starts with all CPUs and all memory. */
static void clean_up(void)
{
	if (!smp_recall()) {
		current.failed = true;
		memory_abandon();
	} else if (!memory_release()) {
		current.failed = true;
	}
}

static void run_test(const char *suite, const struct test *test)
{
	static unsigned int number;

	memset(&current, 0, sizeof(current));
	limit_start();
	call_test(test);
	if (test_expired())
		test_failed(suite, 0, "took more than %u s", limit_seconds());
	limit_end();
	rmi_hook = arm_smccc_call;
	clean_up();

	number++;
	if (current.failed) {
		total.failed++;
		printf("not ok %u - %s: %s\n", number, suite, test->name);
	} else if (current.skipped) {
		total.skipped++;
		printf("ok %u - %s: %s # SKIP %s\n", number, suite, test->name, current.reason);
	} else {
		total.passed++;
		printf("ok %u - %s: %s\n", number, suite, test->name);
	}
}

/*
 * "only=text" on the command line: just the tests that have the text in "suite: name". It stands in
 * quotes if there is a space in it, and may be given more than once.
 */
static const char *next_option(const char *args, size_t *len)
{
	const char *only = strstr(args, "only=");

	if (!only)
		return NULL;

	only += strlen("only=");
	if (*only != '"') {
		*len = strcspn(only, " ");
		return only;
	}
	only++;
	*len = strcspn(only, "\"");
	return only;
}

static bool contains(const char *name, const char *text, size_t len)
{
	for (; *name; name++) {
		if (!strncmp(name, text, len))
			return true;
	}

	return false;
}

static bool is_wanted(const char *args, const char *suite, const struct test *test)
{
	char name[PRINTF_MAX];
	const char *text;
	size_t len;

	text = next_option(args, &len);
	if (!text)
		return true;

	snprintf(name, sizeof(name), "%s: %s", suite, test->name);
	for (; text; text = next_option(text + len, &len)) {
		if (contains(name, text, len))
			return true;
	}

	return false;
}

/* "limit=seconds" on the command line: what each test may take */
static void set_limit(const char *args)
{
	const char *s = strstr(args, "limit=");
	unsigned int seconds = 0;

	if (!s)
		return;
	for (s += strlen("limit="); *s >= '0' && *s <= '9'; s++)
		seconds = seconds * 10 + *s - '0';
	limit_set(seconds);
}

static bool is_in_any_test(const char *text, size_t len)
{
	char name[PRINTF_MAX];

	for (unsigned int i = 0; i < ARRAY_SIZE(suites); i++) {
		for (const struct test *test = suites[i].tests; test->name; test++) {
			snprintf(name, sizeof(name), "%s: %s", suites[i].name, test->name);
			if (contains(name, text, len))
				return true;
		}
	}

	return false;
}

/* A text that no test has is a mistake, and no reason to pass. */
static void refuse_unknown(const char *args)
{
	const char *text;
	size_t len;

	for (text = next_option(args, &len); text; text = next_option(text + len, &len)) {
		if (is_in_any_test(text, len))
			continue;
		printf("# no test for %s\n", text);
		total.failed++;
	}
}

static bool is_suite_wanted(const char *args, unsigned int suite)
{
	for (const struct test *test = suites[suite].tests; test->name; test++) {
		if (is_wanted(args, suites[suite].name, test))
			return true;
	}

	return false;
}

static void run_tests(const char *args)
{
	/* The first suite activates the RMM step by step: all of it, or none. */
	const bool activate = is_suite_wanted(args, 0);

	set_limit(args);
	refuse_unknown(args);
	if (!activate)
		global_activate();

	for (unsigned int i = 0; i < ARRAY_SIZE(suites); i++) {
		for (const struct test *test = suites[i].tests; test->name; test++) {
			if ((i == 0 && activate) || is_wanted(args, suites[i].name, test))
				run_test(suites[i].name, test);
		}
	}
}

static const void *host_dtb;

const void *test_dtb(void)
{
	return host_dtb;
}

static const char *find_arguments(const void *dtb)
{
	int chosen = fdt_path_offset(dtb, "/chosen");
	const char *args = fdt_getprop(dtb, chosen, "bootargs", NULL);

	return args ? args : "";
}

static struct test_control *control;

struct test_control *test_control(void)
{
	return control;
}

static void find_control(const void *dtb)
{
	int node = fdt_node_offset_by_compatible(dtb, -1, "realm-mmio,test-control");
	const fdt64_t *reg = fdt_getprop(dtb, node, "reg", NULL);

	if (reg)
		control = (struct test_control *)fdt64_to_cpu(reg[0]);
}

static unsigned int count_cpus(const void *dtb)
{
	unsigned int n = 0;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(dtb, node, "device_type", "cpu",
						     sizeof("cpu"))) >= 0)
		n++;

	return n;
}

static u64 dram_size(const void *dtb)
{
	int node = fdt_node_offset_by_prop_value(dtb, -1, "device_type", "memory",
						 sizeof("memory"));
	const fdt64_t *reg = fdt_getprop(dtb, node, "reg", NULL);

	return reg ? fdt64_to_cpu(reg[1]) : 0;
}

void test_main(unsigned long dtb)
{
	uart_init(UART0_BASE);
	if (fdt_check_header((void *)dtb))
		panic("no devicetree at 0x%lx", dtb);
	host_dtb = (void *)dtb;
	find_control((void *)dtb);
	memory_init(dram_size((void *)dtb));
	irq_init_distributor();
	irq_init_cpu();
	smp_init(count_cpus((void *)dtb));
	printf("TAP version 13\n# %u CPUs\n", nr_cpus);
	run_tests(find_arguments((void *)dtb));

	printf("1..%u\n", total.passed + total.failed + total.skipped);
	printf("%u passed, %u failed, %u skipped\n", total.passed, total.failed, total.skipped);
	power_off();
}
