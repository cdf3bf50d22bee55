// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_access - Emulated loads and stores of every form a VM may use
 *
 * Each case is one instruction: an access of 1, 2, 4 or 8 bytes, zero or sign
 * extending, with one of the registers X0-X30 or XZR, at the first or the last
 * offset of a page of a device. The guest runs it with all registers known and
 * reports all of them; the VMM reports what it was asked for. Both reports are
 * compared with expect(), which knows the instruction set and nothing of KVM.
 *
 * All of it runs in an ordinary VM as well, as the control. Results are named
 * after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */
#include <getopt.h>
#include <linux/bitfield.h>
#include <linux/sizes.h>

#include "processor.h"
#include "realm.h"
#include "test_util.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA

#define REG_ZR		31
#define NR_REGS		32

/*
 * The accessors. access_<op>_<reg>(frame) loads X0-X30 from the frame, runs
 * the instruction, and stores X0-X30 back. The base register is X0, or X1 when
 * X0 is the one that is read or written. The stack pointer stands at the frame
 * meanwhile, so that no general purpose register is needed for it, and an
 * exception taken by the instruction has room below.
 */
struct access_frame {
	u64 stack[512];
	u64 x[31];
	u64 sp;
} __aligned(16);

asm("	.macro	access_all	insn\n"
"	\\insn	x0, x1, [sp, #0]\n"
"	\\insn	x2, x3, [sp, #16]\n"
"	\\insn	x4, x5, [sp, #32]\n"
"	\\insn	x6, x7, [sp, #48]\n"
"	\\insn	x8, x9, [sp, #64]\n"
"	\\insn	x10, x11, [sp, #80]\n"
"	\\insn	x12, x13, [sp, #96]\n"
"	\\insn	x14, x15, [sp, #112]\n"
"	\\insn	x16, x17, [sp, #128]\n"
"	\\insn	x18, x19, [sp, #144]\n"
"	\\insn	x20, x21, [sp, #160]\n"
"	\\insn	x22, x23, [sp, #176]\n"
"	\\insn	x24, x25, [sp, #192]\n"
"	\\insn	x26, x27, [sp, #208]\n"
"	\\insn	x28, x29, [sp, #224]\n"
"	.endm\n"
"	.macro	access_fn	insn, reg, base\n"
"	stp	x29, x30, [sp, #-96]!\n"
"	stp	x19, x20, [sp, #16]\n"
"	stp	x21, x22, [sp, #32]\n"
"	stp	x23, x24, [sp, #48]\n"
"	stp	x25, x26, [sp, #64]\n"
"	stp	x27, x28, [sp, #80]\n"
"	mov	x9, sp\n"
"	str	x9, [x0, #248]\n"
"	mov	sp, x0\n"
"	access_all	ldp\n"
"	ldr	x30, [sp, #240]\n"
"	\\insn	\\reg, [\\base]\n"
"	access_all	stp\n"
"	str	x30, [sp, #240]\n"
"	ldr	x9, [sp, #248]\n"
"	mov	sp, x9\n"
"	ldp	x19, x20, [sp, #16]\n"
"	ldp	x21, x22, [sp, #32]\n"
"	ldp	x23, x24, [sp, #48]\n"
"	ldp	x25, x26, [sp, #64]\n"
"	ldp	x27, x28, [sp, #80]\n"
"	ldp	x29, x30, [sp], #96\n"
"	ret\n"
"	.endm\n"
/* One accessor per register, and a table of their addresses. */
"	.macro	access_table	insn, size\n"
"	.pushsection .text, \"ax\"\n"
"	.balign	4\n"
"access_\\insn\\()_\\size\\()_0:\n"
"	access_fn	\\insn, \\size\\()0, x1\n"
"	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,zr\n"
"access_\\insn\\()_\\size\\()_\\n:\n"
"	access_fn	\\insn, \\size\\()\\n, x0\n"
"	.endr\n"
"	.popsection\n"
"	.pushsection .data.rel.ro, \"aw\"\n"
"	.balign	8\n"
"	.globl	access_\\insn\\()_\\size\n"
"access_\\insn\\()_\\size:\n"
"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,zr\n"
"	.quad	access_\\insn\\()_\\size\\()_\\n\n"
"	.endr\n"
"	.popsection\n"
"	.endm\n"
);

typedef void (*access_fn)(u64 *regs);

/*
 * The instructions: name, register width in bits, access size in bytes, and
 * whether it stores or sign extends.
 */
#define FOR_EACH_PLAIN_INSN(X)		\
	X(strb, w, 32, 1, true, false)	\
	X(strh, w, 32, 2, true, false)	\
	X(str, w, 32, 4, true, false)	\
	X(str, x, 64, 8, true, false)	\
	X(ldrb, w, 32, 1, false, false)	\
	X(ldrh, w, 32, 2, false, false)	\
	X(ldr, w, 32, 4, false, false)	\
	X(ldr, x, 64, 8, false, false)	\
	X(ldrsb, w, 32, 1, false, true)	\
	X(ldrsb, x, 64, 1, false, true)	\
	X(ldrsh, w, 32, 2, false, true)	\
	X(ldrsh, x, 64, 2, false, true)	\
	X(ldrsw, x, 64, 4, false, true)

/* With ordering, and those that are unprivileged unless PSTATE.UAO is set. */
#define FOR_EACH_OTHER_INSN(X)			\
	X(ldarb, w, 32, 1, false, false)	\
	X(ldarh, w, 32, 2, false, false)	\
	X(ldar, w, 32, 4, false, false)	\
	X(ldar, x, 64, 8, false, false)	\
	X(ldaprb, w, 32, 1, false, false)	\
	X(ldaprh, w, 32, 2, false, false)	\
	X(ldapr, w, 32, 4, false, false)	\
	X(ldapr, x, 64, 8, false, false)	\
	X(ldapurb, w, 32, 1, false, false)	\
	X(ldapurh, w, 32, 2, false, false)	\
	X(ldapur, w, 32, 4, false, false)	\
	X(ldapur, x, 64, 8, false, false)	\
	X(ldtrb, w, 32, 1, false, false)	\
	X(ldtrh, w, 32, 2, false, false)	\
	X(ldtr, w, 32, 4, false, false)	\
	X(ldtr, x, 64, 8, false, false)	\
	X(stlrb, w, 32, 1, true, false)	\
	X(stlrh, w, 32, 2, true, false)	\
	X(stlr, w, 32, 4, true, false)	\
	X(stlr, x, 64, 8, true, false)	\
	X(stlurb, w, 32, 1, true, false)	\
	X(stlurh, w, 32, 2, true, false)	\
	X(stlur, w, 32, 4, true, false)	\
	X(stlur, x, 64, 8, true, false)	\
	X(sttrb, w, 32, 1, true, false)	\
	X(sttrh, w, 32, 2, true, false)	\
	X(sttr, w, 32, 4, true, false)	\
	X(sttr, x, 64, 8, true, false)	\
	X(ldapursb, w, 32, 1, false, true)	\
	X(ldapursb, x, 64, 1, false, true)	\
	X(ldapursh, w, 32, 2, false, true)	\
	X(ldapursh, x, 64, 2, false, true)	\
	X(ldapursw, x, 64, 4, false, true)	\
	X(ldtrsb, w, 32, 1, false, true)	\
	X(ldtrsb, x, 64, 1, false, true)	\
	X(ldtrsh, w, 32, 2, false, true)	\
	X(ldtrsh, x, 64, 2, false, true)	\
	X(ldtrsw, x, 64, 4, false, true)

#define FOR_EACH_INSN(X)	FOR_EACH_PLAIN_INSN(X) FOR_EACH_OTHER_INSN(X)

asm(".arch armv8.4-a");

#define DEFINE_ACCESSORS(_insn, _reg, ...)				\
	asm("access_table " #_insn ", " #_reg);				\
	extern const access_fn access_##_insn##_##_reg[NR_REGS];
FOR_EACH_INSN(DEFINE_ACCESSORS)

struct insn {
	const char *mnemonic;
	char prefix;
	u8 width;
	u8 size;
	bool is_write;
	bool is_signed;
	const access_fn *accessors;
};

#define DEFINE_INSN(_insn, _reg, _width, _size, _is_write, _is_signed)	\
	{								\
		.mnemonic	= #_insn,				\
		.prefix		= #_reg[0],				\
		.width		= _width,				\
		.size		= _size,				\
		.is_write	= _is_write,				\
		.is_signed	= _is_signed,				\
		.accessors	= access_##_insn##_##_reg,		\
	},

static const struct insn insns[] = { FOR_EACH_INSN(DEFINE_INSN) };

#define COUNT_INSN(...)		+ 1
#define NR_PLAIN_INSNS		(0 FOR_EACH_PLAIN_INSN(COUNT_INSN))
#define NR_OTHER_INSNS		(0 FOR_EACH_OTHER_INSN(COUNT_INSN))

/*
 * Cases. A group is what is reported as one test: a set of cases of one
 * instruction.
 */
enum group {
	GROUP_FIRST,		/* each register, first offset of the page */
	GROUP_LAST,		/* each register, last offset of the page */
	GROUP_ONES,		/* each bit of the data set alone */
	GROUP_ZEROES,		/* each bit of the data clear alone */
	NR_GROUPS,
};

static const char * const group_name[NR_GROUPS] = {
	[GROUP_FIRST]	= "every register, first offset of a page",
	[GROUP_LAST]	= "every register, last offset of a page",
	[GROUP_ONES]	= "every bit set alone",
	[GROUP_ZEROES]	= "every bit clear alone",
};

struct access_case {
	u8 insn;
	u8 reg;
	u8 group;
	u16 offset;
	/* What the register holds (store), or what the device returns (load). */
	u64 value;
};

/* What was seen of one case. */
struct access_report {
	/* By the guest: the registers after it, and the PC reached once. */
	u64 x[31];
	u64 completed;
	/* By the VMM. */
	u64 gpa;
	u64 data;
	u32 len;
	u32 nr_exits;
	bool is_write;
};

/* Plain instructions with 32 registers, twice, and 320 bits, twice; others once. */
#define MAX_CASES	(NR_PLAIN_INSNS * 2 * NR_REGS + 2 * 320 + NR_OTHER_INSNS * NR_REGS)

static struct access_case cases[MAX_CASES];
static u32 nr_cases;
/* One VM does this part of them. */
#define CASES_PER_VM	1472
static u32 first_case, end_case;

/* What guest and VMM share: in the shared half, when the VM is a realm. */
struct access_shared {
	u32 current;
	struct {
		u64 x[31];
		u64 completed;
	} guest[CASES_PER_VM];
};

static struct access_shared *guest_area;
static struct access_frame guest_frame;

/* Every register has its own value in every case, never 0 or all ones. */
static u64 reg_pattern(u32 nr, int reg)
{
	return 0x5a00000000000000UL | (u64)(reg + 1) << 48 |
	       (u64)(nr + 1) << 24 | 0xc30000 | (reg + 1) << 8 | 0xa5;
}

static int base_reg(const struct access_case *c)
{
	return c->reg == 0 ? 1 : 0;
}

/* The registers before case @nr. */
static void initial_regs(u32 nr, const struct access_case *c, u64 *x)
{
	int i;

	for (i = 0; i < 31; i++)
		x[i] = reg_pattern(nr, i);

	if (insns[c->insn].is_write && c->reg != REG_ZR)
		x[c->reg] = c->value;
	x[base_reg(c)] = DEVICE_GVA + c->offset;
}

static void guest_code(void)
{
	struct access_shared *area = guest_area;
	u32 i;

	/* Unprivileged accesses are to pages of the kernel as well. */
	asm volatile("msr uao, #1");

	for (i = first_case; i < end_case; i++) {
		const struct access_case *c = &cases[i];

		initial_regs(i, c, guest_frame.x);
		WRITE_ONCE(area->current, i);
		insns[c->insn].accessors[c->reg](guest_frame.x);
		memcpy(area->guest[i - first_case].x, guest_frame.x, sizeof(guest_frame.x));
		area->guest[i - first_case].completed++;
	}

	GUEST_DONE();
}

/*
 * The model: what the registers and the device must have seen, from the case
 * and the Arm ARM's description of the instruction alone.
 */
static u64 truncate_to(u64 value, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return (u8)value;
	case 2:
		return (u16)value;
	case 4:
		return (u32)value;
	default:
		return value;
	}
}

static u64 sign_extend(u64 value, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return (s64)(s8)value;
	case 2:
		return (s64)(s16)value;
	default:
		return (s64)(s32)value;
	}
}

static u64 loaded_value(const struct insn *insn, u64 value)
{
	u64 loaded = truncate_to(value, insn->size);

	if (insn->is_signed)
		loaded = sign_extend(value, insn->size);

	return insn->width == 32 ? (u32)loaded : loaded;
}

static void expect(u32 nr, const struct access_case *c, struct access_report *e)
{
	const struct insn *insn = &insns[c->insn];

	initial_regs(nr, c, e->x);
	if (!insn->is_write && c->reg != REG_ZR)
		e->x[c->reg] = loaded_value(insn, c->value);
	e->completed = 1;

	e->gpa = DEVICE_GPA + c->offset;
	e->len = insn->size;
	e->is_write = insn->is_write;
	e->data = truncate_to(c->reg == REG_ZR && insn->is_write ? 0 : c->value,
			      insn->size);
	e->nr_exits = 1;
}

static void case_name(const struct access_case *c, char *buf, size_t size)
{
	const struct insn *insn = &insns[c->insn];
	char reg[8];

	if (c->reg == REG_ZR)
		snprintf(reg, sizeof(reg), "%czr", insn->prefix);
	else
		snprintf(reg, sizeof(reg), "%c%d", insn->prefix, c->reg);
	snprintf(buf, size, "%s %s, [x%d]", insn->mnemonic, reg, base_reg(c));
}

static bool check_u64(const char *name, const char *what, u64 got, u64 want)
{
	if (got == want)
		return true;

	ksft_print_msg("%s: %s is 0x%lx, expected 0x%lx\n", name, what, got, want);
	return false;
}

static bool check_case(u32 nr, const struct access_report *got)
{
	const struct access_case *c = &cases[nr];
	struct access_report want = {};
	char name[64], what[16];
	bool ok = true;
	int i;

	expect(nr, c, &want);
	case_name(c, name, sizeof(name));

	ok &= check_u64(name, "number of exits", got->nr_exits, want.nr_exits);
	ok &= check_u64(name, "times completed", got->completed, want.completed);
	ok &= check_u64(name, "address seen by the VMM", got->gpa, want.gpa);
	ok &= check_u64(name, "size seen by the VMM", got->len, want.len);
	ok &= check_u64(name, "direction seen by the VMM", got->is_write, want.is_write);
	ok &= check_u64(name, "data at the VMM", got->data, want.data);

	for (i = 0; i < 31; i++) {
		snprintf(what, sizeof(what), "x%d", i);
		ok &= check_u64(name, what, got->x[i], want.x[i]);
	}

	return ok;
}

static void add_case(u8 insn, u8 reg, enum group group, u16 offset, u64 value)
{
	TEST_ASSERT(nr_cases < MAX_CASES, "Too many cases");
	cases[nr_cases++] = (struct access_case) {
		.insn = insn,
		.reg = reg,
		.group = group,
		.offset = offset,
		.value = value,
	};
}

/* A value with the top bit of any size set in one register, clear in the next. */
static u64 case_value(u32 nr)
{
	return nr & 1 ? 0x8192a3b4c5d6e7f8UL + nr : 0x7160504030201000UL + nr;
}

static void make_cases(void)
{
	const u16 page = getpagesize();
	u8 insn, reg, bit;

	for (insn = 0; insn < ARRAY_SIZE(insns); insn++) {
		const u8 size = insns[insn].size;

		for (reg = 0; reg < NR_REGS; reg++)
			add_case(insn, reg, GROUP_FIRST, 0, case_value(nr_cases));
		if (insn >= NR_PLAIN_INSNS)
			continue;
		for (reg = 0; reg < NR_REGS; reg++)
			add_case(insn, reg, GROUP_LAST, page - size,
				 case_value(nr_cases));
		for (bit = 0; bit < size * 8; bit++)
			add_case(insn, 2 + bit % 29, GROUP_ONES, bit * size,
				 BIT_ULL(bit));
		for (bit = 0; bit < size * 8; bit++)
			add_case(insn, 2 + bit % 29, GROUP_ZEROES, bit * size,
				 ~BIT_ULL(bit));
	}
}

/* The VMM's side of one access: note it, and answer a load. */
static void handle_mmio(struct kvm_run *run, const struct access_case *c,
			struct access_report *r)
{
	u64 data;

	r->gpa = run->mmio.phys_addr;
	r->len = run->mmio.len;
	r->is_write = run->mmio.is_write;
	r->nr_exits++;

	if (run->mmio.is_write) {
		memcpy(&data, run->mmio.data, sizeof(data));
	} else {
		/* The bytes past the access must not get anywhere. */
		memcpy(run->mmio.data, &c->value, sizeof(run->mmio.data));
		data = c->value;
	}
	r->data = truncate_to(data, run->mmio.len);
}

static bool is_device_access(struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_MMIO &&
	       run->mmio.phys_addr >= DEVICE_GPA &&
	       run->mmio.phys_addr < DEVICE_GPA + getpagesize();
}

/* The cases from @first_case to @end_case */
static void run_some_cases(enum vm_kind kind, struct access_report *reports)
{
	struct access_shared *area;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	struct ucall uc;
	gva_t area_gva;
	u32 i;

	vm = vm_create_kind(kind, 1, guest_code, &vcpu);
	virt_map(vm, DEVICE_GVA, DEVICE_GPA, 1);

	area_gva = vm_alloc_shared(vm, sizeof(*area), KVM_UTIL_MIN_VADDR,
				   MEM_REGION_TEST_DATA);
	area = addr_gva2hva(vm, area_gva);
	memset(area, 0, sizeof(*area));
	write_guest_global(vm, guest_area, (struct access_shared *)area_gva);
	sync_global_to_guest(vm, cases);
	sync_global_to_guest(vm, first_case);
	sync_global_to_guest(vm, end_case);

	vm_launch(vm);

	for (;;) {
		vcpu_run(vcpu);
		if (!is_device_access(vcpu->run))
			break;

		i = READ_ONCE(area->current);
		TEST_ASSERT(i >= first_case && i < end_case, "Case %u of %u to %u", i,
			    first_case, end_case);
		handle_mmio(vcpu->run, &cases[i], &reports[i]);
	}

	switch (get_ucall(vcpu, &uc)) {
	case UCALL_DONE:
		break;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("Unexpected exit %u (%s), ucall %lu", vcpu->run->exit_reason,
			  exit_reason_str(vcpu->run->exit_reason), uc.cmd);
	}

	for (i = first_case; i < end_case; i++) {
		memcpy(reports[i].x, area->guest[i - first_case].x, sizeof(reports[i].x));
		reports[i].completed = area->guest[i - first_case].completed;
	}

	kvm_vm_free(vm);
}

static void run_cases(enum vm_kind kind, struct access_report *reports)
{
	for (first_case = 0; first_case < nr_cases; first_case = end_case) {
		end_case = min(first_case + CASES_PER_VM, nr_cases);
		run_some_cases(kind, reports);
	}
}

static u32 nr_groups(u32 insn)
{
	return insn < NR_PLAIN_INSNS ? NR_GROUPS : 1;
}

static void report_groups(enum vm_kind kind, const struct access_report *reports)
{
	bool ok[ARRAY_SIZE(insns)][NR_GROUPS];
	u32 count[ARRAY_SIZE(insns)][NR_GROUPS] = {};
	u32 i, group;

	memset(ok, true, sizeof(ok));
	for (i = 0; i < nr_cases; i++) {
		const struct access_case *c = &cases[i];

		ok[c->insn][c->group] &= check_case(i, &reports[i]);
		count[c->insn][c->group]++;
	}

	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		for (group = 0; group < nr_groups(i); group++)
			ksft_test_result(ok[i][group], "%s: %s h04 %s %c: %s (%u accesses)\n",
					 vm_kind_name[kind],
					 insns[i].is_write ? "h01" : "h02",
					 insns[i].mnemonic, insns[i].prefix,
					 group_name[group], count[i][group]);
	}
}

static struct access_report *alloc_reports(void)
{
	struct access_report *reports = calloc(nr_cases, sizeof(*reports));

	TEST_ASSERT(reports, "Insufficient memory");
	return reports;
}

static void run_matrix(void)
{
	const int nr_results = NR_PLAIN_INSNS * NR_GROUPS + NR_OTHER_INSNS;
	const char *reason;
	int kind, i;

	ksft_print_header();
	ksft_set_plan(NR_VM_KINDS * nr_results);

	for (kind = 0; kind < NR_VM_KINDS; kind++) {
		struct access_report *reports;

		if (kind == VM_REALM && !kvm_supports_realms(&reason)) {
			for (i = 0; i < nr_results; i++)
				ksft_test_result_skip("realm: %s\n", reason);
			continue;
		}

		reports = alloc_reports();
		run_cases(kind, reports);
		report_groups(kind, reports);
		free(reports);
	}

	realm_test_finished();
}

/* The sign bit is set for the first register whatever the size, then clear. */
static u64 demo_value(u32 nr)
{
	const u64 value = 0x8192a3b4c5d6e7f8UL;

	return nr & 1 ? value & 0x7f7f7f7f7f7f7f7fUL : value + nr;
}

/* A handful of cases for people to read. */
static void make_demo_cases(void)
{
	static const u8 regs[] = { 1, 19, 30, REG_ZR };
	u8 insn, i;

	for (insn = 0; insn < NR_PLAIN_INSNS; insn++) {
		for (i = 0; i < ARRAY_SIZE(regs); i++) {
			/* Two registers are enough once a load extends the sign. */
			if (insns[insn].is_signed && i >= 2)
				continue;
			add_case(insn, regs[i], GROUP_FIRST,
				 (insn * 0x100 + i * 0x10) & 0xff0, demo_value(i));
		}
	}
}

static bool print_row(u32 nr, const struct access_report *r)
{
	const struct access_case *c = &cases[nr];
	const struct insn *insn = &insns[c->insn];
	u64 guest = c->reg == REG_ZR ? 0 : r->x[c->reg];
	char name[64], value[32];
	bool ok;

	/* What a store sent is its register, as wide as the instruction has it. */
	if (insn->is_write && insn->width == 32)
		guest = (u32)guest;

	case_name(c, name, sizeof(name));
	if (c->reg == REG_ZR && !insn->is_write)
		snprintf(value, sizeof(value), "(discarded)");
	else
		snprintf(value, sizeof(value), "0x%0*lx", insn->width / 4, guest);

	ok = check_case(nr, r);
	printf("%-17s 0x%09lx %4u  %-18s %s 0x%-16.*lx %5u  %s\n", name, r->gpa,
	       r->len, value, insn->is_write ? "->" : "<-", r->len * 2, r->data,
	       r->nr_exits, ok ? "ok" : "WRONG");
	return ok;
}

static int run_demo(enum vm_kind kind)
{
	struct access_report *reports;
	u32 i, nr_exits = 0, nr_wrong = 0;

	if (kind == VM_REALM)
		test_require_realms();

	make_demo_cases();
	reports = alloc_reports();
	run_cases(kind, reports);

	printf("\nAccesses to an emulated device from %s VM\n\n",
	       kind == VM_REALM ? "a realm" : "an ordinary");
	printf("%-17s %-11s %4s  %-18s    %-18s %5s\n", "access", "GPA", "size",
	       kind == VM_REALM ? "realm" : "guest", "VMM", "exits");
	for (i = 0; i < nr_cases; i++) {
		nr_exits += reports[i].nr_exits;
		if (!print_row(i, &reports[i]))
			nr_wrong++;
	}

	printf("\n%u accesses, %u exits, ", nr_cases, nr_exits);
	if (nr_wrong)
		printf("%u WRONG\n", nr_wrong);
	else
		printf("%s and VMM agree on all values\n",
		       kind == VM_REALM ? "realm" : "guest");
	free(reports);

	return nr_wrong ? KSFT_FAIL : KSFT_PASS;
}

static void help(const char *name)
{
	printf("usage: %s [-h] [-t] [-o]\n\n"
	       " -t: run a few accesses in a realm and print them as a table\n"
	       "     (default: run all cases, and report as KTAP)\n"
	       " -o: the same table, from an ordinary VM\n", name);
}

int main(int argc, char *argv[])
{
	int opt;

	while ((opt = getopt(argc, argv, "hto")) != -1) {
		switch (opt) {
		case 't':
			return run_demo(VM_REALM);
		case 'o':
			return run_demo(VM_ORDINARY);
		case 'h':
			help(argv[0]);
			return KSFT_PASS;
		default:
			help(argv[0]);
			return KSFT_FAIL;
		}
	}

	make_cases();
	run_matrix();
}
