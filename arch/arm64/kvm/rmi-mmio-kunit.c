// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of emulated MMIO for realms, on RecRun pages made by hand: no RMM, no
 * realm and no userspace take part.
 *
 * What is expected comes from the tables, or from a model of the contract that
 * is written in other words than rmi-mmio.c: with the bit numbers of the
 * architecture and a list of what may be answered to what.
 *
 * Cases are named after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */

#include <kunit/test.h>

#include <linux/kvm_host.h>
#include <linux/prandom.h>
#include <linux/srcu.h>

#include <kvm/iodev.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_rmi.h>

#define IPA_BITS	40
#define SHARED		BIT_ULL(39)

#define SEED		0x1234abcd
#define ROUNDS		20000

/* ESR_EL2 of a data abort from a lower EL, by bit number */
#define EC_DABT		(0x24ULL << 26)
#define EC_IABT		(0x20ULL << 26)
#define EC_WFX		(0x01ULL << 26)
#define IL		BIT_ULL(25)
#define ISV		BIT_ULL(24)
#define SAS(n)		((u64)(n) << 22)
#define SF		BIT_ULL(15)
#define SET(n)		((u64)(n) << 11)
#define FNV		BIT_ULL(10)
#define EA		BIT_ULL(9)
#define WNR		BIT_ULL(6)
#define TRANS(level)	(0x04ULL + (level))
#define PERM(level)	(0x0cULL + (level))
#define SEA		0x10ULL
#define SEA_TTW(level)	(0x14ULL + (level))
#define EXCL		0x35ULL

#define HPFAR(ipa)	((ipa) >> 12 << 4)

struct rmi_mmio_test {
	struct kvm kvm;
	struct kvm_realm realm;
	struct kvm_rec rec;
	struct kvm_vcpu vcpu;
	struct kvm_run run;
	struct rmi_rec_run page;
};

static int rmi_mmio_test_init(struct kunit *test)
{
	struct rmi_mmio_test *t;
	int ret;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;

	ret = init_srcu_struct(&t->kvm.srcu);
	if (ret)
		return ret;

	t->realm.ipa_bits = IPA_BITS;
	t->kvm.arch.realm = &t->realm;
	t->rec.run = &t->page;
	t->vcpu.kvm = &t->kvm;
	t->vcpu.run = &t->run;
	t->vcpu.arch.rec = &t->rec;
	for (int i = 0; i < NR_KVM_TIMERS; i++)
		vcpu_get_timer(&t->vcpu, i)->timer_id = i;
	test->priv = t;
	return 0;
}

static void rmi_mmio_test_exit(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	if (t)
		cleanup_srcu_struct(&t->kvm.srcu);
}

/* The REC is left, with what @t->page.exit says. */
static void rec_exit(struct rmi_mmio_test *t)
{
	t->vcpu.arch.fault.esr_el2 = t->page.exit.esr;
	t->vcpu.arch.fault.far_el2 = t->page.exit.far;
	t->vcpu.arch.fault.hpfar_el2 = t->page.exit.hpfar;
	kvm_rec_mmio_exit(&t->vcpu);
}

static void rec_exit_irq(struct rmi_mmio_test *t)
{
	memset(&t->page.exit, 0, sizeof(t->page.exit));
	t->page.exit.exit_reason = RMI_EXIT_IRQ;
	rec_exit(t);
}

static void rec_exit_abort(struct rmi_mmio_test *t, u64 esr, gpa_t ipa, u64 data)
{
	memset(&t->page.exit, 0, sizeof(t->page.exit));
	t->page.exit.exit_reason = RMI_EXIT_SYNC;
	t->page.exit.esr = EC_DABT | esr;
	t->page.exit.far = ipa & 0xfff;
	t->page.exit.hpfar = HPFAR(ipa);
	t->page.exit.gprs[0] = data;
	rec_exit(t);
}

static int emulate(struct rmi_mmio_test *t)
{
	int idx, ret;

	idx = srcu_read_lock(&t->kvm.srcu);
	ret = kvm_rec_emulate_mmio(&t->vcpu);
	srcu_read_unlock(&t->kvm.srcu, idx);
	return ret;
}

static int set_events(struct rmi_mmio_test *t, bool dabt, bool serror)
{
	const struct kvm_vcpu_events events = {
		.exception.ext_dabt_pending = dabt,
		.exception.serror_pending = serror,
	};

	return kvm_rec_set_events(&t->vcpu, &events);
}

static bool dabt_pending(struct rmi_mmio_test *t)
{
	struct kvm_vcpu_events events = {};

	kvm_rec_get_events(&t->vcpu, &events);
	return events.exception.ext_dabt_pending;
}

/* Decoding an exit */

struct decode_case {
	const char *name;
	u8 reason;
	u64 esr;
	u64 far;
	u64 hpfar;
	u64 data;
	struct kvm_rec_mmio expect;
};

#define EMULATABLE(...)	\
	{ .abort = KVM_REC_ABORT_EMULATABLE, __VA_ARGS__ }
#define OPAQUE(_gpa)	\
	{ .abort = KVM_REC_ABORT_OPAQUE, .gpa = (_gpa) }
#define NOTHING		\
	{ .abort = KVM_REC_ABORT_NONE }

static const struct decode_case decode_cases[] = {
	{ "read of a byte", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(0) | TRANS(3), 0x123, HPFAR(SHARED | 0x9000000), 0,
	  EMULATABLE(.gpa = 0x9000123, .len = 1) },
	{ "read of a halfword", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(1) | TRANS(2), 0xffe, HPFAR(SHARED | 0x1000), 0,
	  EMULATABLE(.gpa = 0x1ffe, .len = 2) },
	{ "read of a word", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(2) | TRANS(1), 0, HPFAR(SHARED), 0,
	  EMULATABLE(.gpa = 0, .len = 4) },
	{ "read of a doubleword", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SF | TRANS(0), 0xff8, HPFAR(SHARED | 0x7ffffff000), 0,
	  EMULATABLE(.gpa = 0x7ffffffff8, .len = 8) },
	{ "read leaves gprs[0] alone", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SF | TRANS(3), 0, HPFAR(SHARED | 0x1000), ~0ULL,
	  EMULATABLE(.gpa = 0x1000, .len = 8) },
	{ "write of a byte", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(0) | WNR | TRANS(3), 1, HPFAR(SHARED | 0x1000), 0xa5,
	  EMULATABLE(.gpa = 0x1001, .len = 1, .write = true, .data = 0xa5) },
	{ "write of a doubleword", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SF | WNR | TRANS(3), 8, HPFAR(SHARED | 0x1000),
	  0x8877665544332211,
	  EMULATABLE(.gpa = 0x1008, .len = 8, .write = true,
		     .data = 0x8877665544332211) },
	{ "write truncated here if not by the RMM", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(1) | WNR | TRANS(3), 0, HPFAR(SHARED | 0x1000), ~0ULL,
	  EMULATABLE(.gpa = 0x1000, .len = 2, .write = true, .data = 0xffff) },
	{ "write to what is mapped read-only", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(2) | WNR | PERM(3), 4, HPFAR(SHARED | 0x1000), 0x12345678,
	  EMULATABLE(.gpa = 0x1004, .len = 4, .write = true, .data = 0x12345678) },
	{ "more of FAR than the offset", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(0) | TRANS(3), 0xffff800012345678, HPFAR(SHARED | 0x1000), 0,
	  EMULATABLE(.gpa = 0x1678, .len = 1) },
	{ "up to the end of the page", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(2) | TRANS(3), 0xffc, HPFAR(SHARED | 0x1000), 0,
	  EMULATABLE(.gpa = 0x1ffc, .len = 4) },
	{ "halfword that crosses a page", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(1) | TRANS(3), 0xfff, HPFAR(SHARED | 0x1000), 0,
	  OPAQUE(0x1000) },
	{ "word that crosses a page", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(2) | WNR | TRANS(3), 0xffd, HPFAR(SHARED | 0x1000), 1,
	  OPAQUE(0x1000) },
	{ "doubleword that crosses a page", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SF | WNR | PERM(3), 0xff9, HPFAR(SHARED | 0x1000), 1,
	  OPAQUE(0x1000) },
	{ "no syndrome", RMI_EXIT_SYNC,
	  EC_DABT | IL | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0, OPAQUE(0x1000) },
	{ "no syndrome, permission fault", RMI_EXIT_SYNC,
	  EC_DABT | IL | PERM(3), 0, HPFAR(SHARED | 0x1000), 0, OPAQUE(0x1000) },
	{ "FAR not valid", RMI_EXIT_SYNC,
	  EC_DABT | FNV | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0, OPAQUE(0x1000) },
	{ "unsupported exclusive", RMI_EXIT_SYNC,
	  EC_DABT | EXCL, 0, HPFAR(SHARED | 0x1000), 0, OPAQUE(0x1000) },
	{ "ST64BV", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SET(1) | WNR | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0,
	  OPAQUE(0x1000) },
	{ "LD64B", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SET(2) | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0,
	  OPAQUE(0x1000) },
	{ "ST64BV0, permission fault", RMI_EXIT_SYNC,
	  EC_DABT | ISV | SAS(3) | SET(3) | WNR | PERM(3), 0, HPFAR(SHARED | 0x1000), 0,
	  OPAQUE(0x1000) },
	{ "protected", RMI_EXIT_SYNC,
	  EC_DABT | TRANS(3), 0, HPFAR(0x1000ULL), 0, NOTHING },
	{ "protected, last page", RMI_EXIT_SYNC,
	  EC_DABT | TRANS(3), 0, HPFAR(SHARED - 0x1000), 0, NOTHING },
	{ "external abort", RMI_EXIT_SYNC,
	  EC_DABT | EA | SEA, 0, HPFAR(SHARED | 0x1000), 0, NOTHING },
	{ "external abort of a table walk", RMI_EXIT_SYNC,
	  EC_DABT | SEA_TTW(2), 0, HPFAR(SHARED | 0x1000), 0, NOTHING },
	{ "instruction abort", RMI_EXIT_SYNC,
	  EC_IABT | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0, NOTHING },
	{ "WFI", RMI_EXIT_SYNC, EC_WFX, 0, 0, 0, NOTHING },
	{ "IRQ", RMI_EXIT_IRQ, 0, 0, 0, 0, NOTHING },
	{ "nothing but a synchronous exit has a syndrome", RMI_EXIT_IRQ,
	  EC_DABT | ISV | SAS(2) | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0, NOTHING },
	{ "host call", RMI_EXIT_HOST_CALL, 0, 0, 0, 0x84000000, NOTHING },
	{ "reserved exit reason", 0xff,
	  EC_DABT | ISV | SAS(2) | TRANS(3), 0, HPFAR(SHARED | 0x1000), 0, NOTHING },
};

static void decode_case_desc(const struct decode_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(decode, decode_cases, decode_case_desc);

static void expect_decoded(struct kunit *test, const struct kvm_rec_mmio *expect)
{
	struct rmi_mmio_test *t = test->priv;
	const struct kvm_rec_mmio *mmio = &t->rec.mmio;

	KUNIT_ASSERT_EQ(test, mmio->abort, expect->abort);
	KUNIT_ASSERT_EQ(test, mmio->gpa, expect->gpa);
	KUNIT_ASSERT_EQ(test, mmio->len, expect->len);
	KUNIT_ASSERT_EQ(test, mmio->write, expect->write);
	KUNIT_ASSERT_EQ(test, mmio->data, expect->data);
}

static void h04_h08_h09_decode(struct kunit *test)
{
	const struct decode_case *c = test->param_value;
	struct rmi_mmio_test *t = test->priv;

	t->page.exit.exit_reason = c->reason;
	t->page.exit.esr = c->esr;
	t->page.exit.far = c->far;
	t->page.exit.hpfar = c->hpfar;
	t->page.exit.gprs[0] = c->data;
	rec_exit(t);
	expect_decoded(test, &c->expect);
}

/* What an exit comes to, by what the specification says of each bit */
static struct kvm_rec_mmio model_decode(const struct rmi_rec_exit *exit)
{
	static const u8 sizes[] = { 1, 2, 4, 8 };
	u64 ipa = (exit->hpfar & 0xfffffffffff0ULL) << 8;
	unsigned int dfsc = exit->esr % 64;
	struct kvm_rec_mmio m = {};
	bool external, typed;

	external = dfsc == 0x10 || (dfsc >= 0x13 && dfsc <= 0x17) ||
		   dfsc == 0x18 || (dfsc >= 0x1b && dfsc <= 0x1f);
	typed = (dfsc >= 4 && dfsc <= 15) || dfsc == 0x2a || dfsc == 0x2b;

	if (exit->exit_reason != 0 || (exit->esr >> 26) % 64 != 0x24 ||
	    external || !(ipa >> 39 & 1))
		return m;

	m.abort = KVM_REC_ABORT_OPAQUE;
	m.gpa = ipa - (1ULL << 39);
	if (!(exit->esr >> 24 & 1) || (typed && (exit->esr >> 11) % 4))
		return m;
	if (exit->far % 4096 + sizes[(exit->esr >> 22) % 4] > 4096)
		return m;

	m.abort = KVM_REC_ABORT_EMULATABLE;
	m.gpa += exit->far % 4096;
	m.len = sizes[(exit->esr >> 22) % 4];
	m.write = exit->esr >> 6 & 1;
	for (int i = 0; m.write && i < m.len; i++)
		m.data |= (exit->gprs[0] >> 8 * i) % 256 << 8 * i;

	return m;
}

static u64 random_u64(struct rnd_state *rnd)
{
	return (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);
}

static unsigned int random_below(struct rnd_state *rnd, unsigned int n)
{
	return prandom_u32_state(rnd) % n;
}

/* Exits of every kind, most of them data aborts in the unprotected half */
static void random_exit(struct rnd_state *rnd, struct rmi_rec_exit *exit)
{
	static const u8 dfscs[] = {
		0x04, 0x05, 0x06, 0x07, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x15,
		0x18, 0x1d, 0x21, 0x2a, 0x2b, 0x35,
	};
	u64 ipa = random_u64(rnd) % SHARED;

	memset(exit, 0, sizeof(*exit));
	exit->exit_reason = RMI_EXIT_SYNC;
	/* A quarter of them at the end of the page */
	exit->far = random_below(rnd, 4) ? random_below(rnd, 4096) :
					   4088 + random_below(rnd, 8);
	exit->gprs[0] = random_u64(rnd);
	exit->esr = random_u64(rnd) & (ISV | SAS(3) | SF | FNV | WNR);
	exit->esr |= EC_DABT | dfscs[random_below(rnd, ARRAY_SIZE(dfscs))];
	if (!random_below(rnd, 4))
		exit->esr |= SET(random_below(rnd, 4));
	if (random_below(rnd, 4))
		ipa |= SHARED;
	exit->hpfar = HPFAR(ipa);

	switch (random_below(rnd, 8)) {
	case 0:
		exit->exit_reason = random_below(rnd, 12);
		break;
	case 1:
		exit->esr = random_u64(rnd) & GENMASK_ULL(31, 0);
		break;
	}
}

static void h04_h08_h09_decode_random(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	unsigned int seen[] = { 0, 0, 0 };
	struct rnd_state rnd;

	prandom_seed_state(&rnd, SEED);

	for (int i = 0; i < ROUNDS; i++) {
		struct kvm_rec_mmio expect;

		random_exit(&rnd, &t->page.exit);
		expect = model_decode(&t->page.exit);
		rec_exit(t);
		expect_decoded(test, &expect);
		seen[expect.abort]++;
	}

	/* The test is worth nothing if it doesn't get everywhere. */
	for (int i = 0; i < ARRAY_SIZE(seen); i++)
		KUNIT_EXPECT_GT(test, seen[i], ROUNDS / 50);
}

/* One access from exit to entry */

static const u64 values[] = {
	0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
	0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
	0x0123456789abcdef, 0xfedcba9876543210,
};

static u64 low_bytes(u64 value, int len)
{
	return len == 8 ? value : value % (1ULL << 8 * len);
}

static void h01_write(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;

	for (int i = 0; i < ARRAY_SIZE(values) * 4; i++) {
		int len = 1 << i % 4;
		u64 value = low_bytes(values[i / 4], len);
		u64 seen = 0;

		memset(run, 0x5a, sizeof(*run));
		rec_exit_abort(t, ISV | SAS(i % 4) | WNR | TRANS(3),
			       SHARED | 0x8000f00, value);

		KUNIT_ASSERT_EQ(test, emulate(t), 0);
		KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_MMIO);
		KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, 0x8000f00);
		KUNIT_EXPECT_EQ(test, run->mmio.len, len);
		KUNIT_EXPECT_EQ(test, run->mmio.is_write, 1);
		memcpy(&seen, run->mmio.data, len);
		KUNIT_EXPECT_EQ(test, seen, value);
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);

		KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags,
				RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	}

	KUNIT_EXPECT_EQ(test, t->vcpu.stat.mmio_exit_user, ARRAY_SIZE(values) * 4);
	KUNIT_EXPECT_EQ(test, t->vcpu.stat.mmio_exit_kernel, 0);
}

static void h02_read(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;

	for (int i = 0; i < ARRAY_SIZE(values) * 4; i++) {
		int len = 1 << i % 4;
		u64 value = values[i / 4];

		t->page.enter.gprs[0] = 0x5a5a5a5a5a5a5a5a;
		rec_exit_abort(t, ISV | SAS(i % 4) | TRANS(3), SHARED | 0x8000f00, 0);

		KUNIT_ASSERT_EQ(test, emulate(t), 0);
		KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_MMIO);
		KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, 0x8000f00);
		KUNIT_EXPECT_EQ(test, run->mmio.len, len);
		KUNIT_EXPECT_EQ(test, run->mmio.is_write, 0);

		/* What is beyond the access is not part of it. */
		memcpy(run->mmio.data, &value, sizeof(value));
		KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], low_bytes(value, len));
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags,
				RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	}
}

/* Completed once, with the data and of the access that were seen then */
static void h07_complete_once(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;

	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 0);

	/* Userspace may write to all of kvm_run. */
	memset(run, 0xff, sizeof(*run));
	memset(run->mmio.data, 0x11, sizeof(run->mmio.data));
	KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
	KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], 0x11111111);

	memset(run->mmio.data, 0x22, sizeof(run->mmio.data));
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
	KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], 0x11111111);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_EMUL_MMIO);

	/* The REC was entered, and left for an interrupt. */
	rec_exit_irq(t);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
	KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
}

/* Not completed at all: the realm repeats the access, and that is a new one. */
static void h12_changed_mind(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 0);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);

	rec_exit_irq(t);
	KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
}

/* The registers of the vCPU have no part in it. */
static void h03_registers(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_cpu_context *before;
	bool flag;

	before = kunit_kzalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	memset(&t->vcpu.arch.ctxt.regs, 0xa5, sizeof(t->vcpu.arch.ctxt.regs));
	*before = t->vcpu.arch.ctxt;

	for (int write = 0; write < 2; write++) {
		rec_exit_abort(t, ISV | SAS(3) | (write ? WNR : 0) | TRANS(3),
			       SHARED | 0x1000, 0x1234);
		KUNIT_ASSERT_EQ(test, emulate(t), 0);
		kvm_rec_complete_mmio(&t->vcpu);
		KUNIT_EXPECT_MEMEQ(test, before, &t->vcpu.arch.ctxt, sizeof(*before));
	}

	rec_exit_abort(t, TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 1);
	KUNIT_EXPECT_MEMEQ(test, before, &t->vcpu.arch.ctxt, sizeof(*before));

	flag = vcpu_get_flag(&t->vcpu, PENDING_EXCEPTION);
	KUNIT_EXPECT_FALSE(test, flag);
	flag = vcpu_get_flag(&t->vcpu, INCREMENT_PC);
	KUNIT_EXPECT_FALSE(test, flag);
}

/* A device in the kernel, of one register */

struct test_device {
	struct kvm_io_device dev;
	u64 value;
	gpa_t addr;
	int len;
	unsigned int reads;
	unsigned int writes;
};

static int test_device_read(struct kvm_vcpu *vcpu, struct kvm_io_device *dev,
			    gpa_t addr, int len, void *val)
{
	struct test_device *d = container_of(dev, struct test_device, dev);

	d->addr = addr;
	d->len = len;
	d->reads++;
	memcpy(val, &d->value, len);
	return 0;
}

static int test_device_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev,
			     gpa_t addr, int len, const void *val)
{
	struct test_device *d = container_of(dev, struct test_device, dev);

	d->addr = addr;
	d->len = len;
	d->writes++;
	d->value = 0;
	memcpy(&d->value, val, len);
	return 0;
}

static const struct kvm_io_device_ops test_device_ops = {
	.read = test_device_read,
	.write = test_device_write,
};

static void h05_kernel_device(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;
	struct kvm_io_bus *bus;
	struct test_device *d;

	d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, d);
	bus = kunit_kzalloc(test, struct_size(bus, range, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bus);

	kvm_iodevice_init(&d->dev, &test_device_ops);
	bus->dev_count = 1;
	bus->range[0] = (struct kvm_io_range) { 0x8000000, 8, &d->dev };
	rcu_assign_pointer(t->kvm.buses[KVM_MMIO_BUS], bus);

	for (int i = 0; i < ARRAY_SIZE(values) * 4; i++) {
		int len = 1 << i % 4;
		u64 value = low_bytes(values[i / 4], len);

		run->exit_reason = KVM_EXIT_UNKNOWN;
		rec_exit_abort(t, ISV | SAS(i % 4) | WNR | TRANS(3),
			       SHARED | 0x8000000, value);
		KUNIT_ASSERT_EQ(test, emulate(t), 1);
		KUNIT_EXPECT_EQ(test, d->addr, 0x8000000);
		KUNIT_EXPECT_EQ(test, d->len, len);
		KUNIT_EXPECT_EQ(test, d->value, value);
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags,
				RMI_REC_ENTER_FLAGS_EMUL_MMIO);

		d->value = values[i / 4];
		rec_exit_abort(t, ISV | SAS(i % 4) | TRANS(3), SHARED | 0x8000000, 0);
		KUNIT_ASSERT_EQ(test, emulate(t), 1);
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], value);
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags,
				RMI_REC_ENTER_FLAGS_EMUL_MMIO);

		/* Nothing for userspace to complete */
		KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_UNKNOWN);
		KUNIT_EXPECT_FALSE(test, t->vcpu.mmio_needed);
	}

	KUNIT_EXPECT_EQ(test, d->reads, ARRAY_SIZE(values) * 4);
	KUNIT_EXPECT_EQ(test, d->writes, ARRAY_SIZE(values) * 4);
	KUNIT_EXPECT_EQ(test, t->vcpu.stat.mmio_exit_kernel, ARRAY_SIZE(values) * 8);
	KUNIT_EXPECT_EQ(test, t->vcpu.stat.mmio_exit_user, 0);

	/* Next to the device is userspace's again. */
	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x8000008, 0);
	KUNIT_EXPECT_EQ(test, emulate(t), 0);
	KUNIT_EXPECT_EQ(test, d->reads, ARRAY_SIZE(values) * 4);

	RCU_INIT_POINTER(t->kvm.buses[KVM_MMIO_BUS], NULL);
}

/* External aborts */

static void h08_opaque(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	t->run.exit_reason = KVM_EXIT_UNKNOWN;
	rec_exit_abort(t, TRANS(3), SHARED | 0x1000, 0);
	KUNIT_EXPECT_EQ(test, emulate(t), 1);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_INJECT_SEA);
	KUNIT_EXPECT_EQ(test, t->run.exit_reason, KVM_EXIT_UNKNOWN);
	KUNIT_EXPECT_TRUE(test, dabt_pending(t));

	/* A signal, say, may let userspace look in between. */
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), 0);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_INJECT_SEA);

	rec_exit_irq(t);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
	KUNIT_EXPECT_FALSE(test, dabt_pending(t));
}

static void h11_abandon(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 0);
	KUNIT_EXPECT_FALSE(test, dabt_pending(t));
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), 0);
	KUNIT_EXPECT_TRUE(test, dabt_pending(t));

	/* KVM_RUN, with exit_reason still KVM_EXIT_MMIO */
	t->page.enter.gprs[0] = 0;
	memset(t->run.mmio.data, 0xff, sizeof(t->run.mmio.data));
	KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_INJECT_SEA);
	KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], 0);
}

static void h10_h11_sea_not_allowed(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	/* Never entered */
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);

	/* After an interrupt, and after an abort in the protected half */
	rec_exit_irq(t);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
	rec_exit_abort(t, TRANS(3), 0x1000, 0);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, emulate(t), -EFAULT);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);

	/* There was memory, after all */
	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	kvm_rec_mmio_resolved(&t->vcpu);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
	rec_exit_abort(t, TRANS(3), SHARED | 0x1000, 0);
	kvm_rec_mmio_resolved(&t->vcpu);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);

	/* Completed */
	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 0);
	kvm_rec_complete_mmio(&t->vcpu);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	KUNIT_EXPECT_FALSE(test, dabt_pending(t));
}

static void h11_serror(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	/* Not even where the other half of the request would be in order */
	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 0);
	KUNIT_EXPECT_EQ(test, set_events(t, false, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_events(t, true, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
	KUNIT_EXPECT_TRUE(test, t->vcpu.mmio_needed);
	KUNIT_EXPECT_EQ(test, set_events(t, false, false), 0);
	KUNIT_EXPECT_TRUE(test, t->vcpu.mmio_needed);
}

static void h11_no_rec(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	t->vcpu.arch.rec = NULL;
	KUNIT_EXPECT_FALSE(test, dabt_pending(t));
	KUNIT_EXPECT_EQ(test, set_events(t, false, false), 0);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_events(t, false, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
}

/* The entry itself */

static void rec_entry(struct rmi_mmio_test *t, unsigned long status)
{
	t->rec.status.raw = status;
	preempt_disable();
	kvm_rec_sync_hwstate(&t->vcpu);
	preempt_enable();
}

static const unsigned long refusals[] = {
	RMI_BUSY, RMI_BLOCKED, RMI_ERROR_INPUT, RMI_ERROR_REALM, RMI_ERROR_REC,
};

/* Whatever is due survives any number of entries that the RMM refused. */
static void h07_h12_refused(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_rec_mmio access;

	rec_exit_abort(t, ISV | SAS(2) | TRANS(3), SHARED | 0x1000, 0);
	access = t->rec.mmio;
	KUNIT_ASSERT_EQ(test, emulate(t), 0);
	memset(t->run.mmio.data, 0x11, sizeof(t->run.mmio.data));
	kvm_rec_complete_mmio(&t->vcpu);

	/* What is in the page now is not the end of a refused entry. */
	t->page.exit.exit_reason = RMI_EXIT_IRQ;
	t->page.exit.esr = 0;
	for (int i = 0; i < ARRAY_SIZE(refusals); i++) {
		rec_entry(t, refusals[i]);
		KUNIT_EXPECT_EQ(test, t->rec.entry_flags, RMI_REC_ENTER_FLAGS_EMUL_MMIO);
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], 0x11111111);
		KUNIT_EXPECT_MEMEQ(test, &t->rec.mmio, &access, sizeof(access));
		KUNIT_EXPECT_NE(test, t->vcpu.arch.fault.esr_el2, 0);
	}

	rec_entry(t, RMI_SUCCESS);
	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
	KUNIT_EXPECT_EQ(test, t->rec.mmio.abort, KVM_REC_ABORT_NONE);
}

static void h11_refused_sea(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	rec_exit_abort(t, TRANS(3), SHARED | 0x1000, 0);
	KUNIT_ASSERT_EQ(test, emulate(t), 1);

	t->page.exit.exit_reason = RMI_EXIT_IRQ;
	for (int i = 0; i < ARRAY_SIZE(refusals); i++) {
		rec_entry(t, refusals[i]);
		KUNIT_EXPECT_TRUE(test, dabt_pending(t));
	}

	rec_entry(t, RMI_SUCCESS);
	KUNIT_EXPECT_FALSE(test, dabt_pending(t));
}

/* An RMM that is busy is asked again. */
static void h07_busy(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	for (int i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i] != RMI_BUSY && refusals[i] != RMI_BLOCKED)
			continue;

		t->run.exit_reason = KVM_EXIT_UNKNOWN;
		rec_entry(t, refusals[i]);
		KUNIT_EXPECT_EQ(test, kvm_rec_handle_exit(&t->vcpu), 1);
		KUNIT_EXPECT_EQ(test, t->run.exit_reason, KVM_EXIT_UNKNOWN);
	}
}

/* Errors of the hardware: SErrors, and external aborts that nobody claims */
static void hardware_error(struct kunit *test)
{
	/* EC SError; AET in 12:10 and an asynchronous error in 5:0, or IDS in 24 */
	static const struct {
		u64 esr;
		bool continues;
	} serrors[] = {
		{ 0xbe000000 | 6ULL << 10 | 0x11, true },	/* corrected */
		{ 0xbe000000 | 2ULL << 10 | 0x11, true },	/* restartable */
		{ 0xbe000000 | 3ULL << 10 | 0x11, false },	/* recoverable */
		{ 0xbe000000 | 1ULL << 10 | 0x11, false },	/* unrecoverable */
		{ 0xbf000000, false },				/* of the implementation */
	};
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;

	for (int i = 0; i < ARRAY_SIZE(serrors); i++) {
		memset(&t->page.exit, 0, sizeof(t->page.exit));
		t->page.exit.exit_reason = RMI_EXIT_SERROR;
		t->page.exit.esr = serrors[i].esr;
		run->exit_reason = KVM_EXIT_UNKNOWN;
		rec_entry(t, RMI_SUCCESS);
		KUNIT_EXPECT_EQ(test, kvm_rec_handle_exit(&t->vcpu), serrors[i].continues);
		if (serrors[i].continues)
			continue;
		KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_INTERNAL_ERROR);
		KUNIT_EXPECT_EQ(test, run->internal.data[0], RMI_EXIT_SERROR);
		KUNIT_EXPECT_EQ(test, run->internal.data[1], serrors[i].esr);
	}

	run->exit_reason = KVM_EXIT_UNKNOWN;
	rec_exit_abort(t, EA | SEA, SHARED | 0x1000, 0);
	rec_entry(t, RMI_SUCCESS);
	KUNIT_EXPECT_EQ(test, kvm_rec_handle_exit(&t->vcpu), 0);
	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_INTERNAL_ERROR);
	KUNIT_EXPECT_EQ(test, set_events(t, true, false), -EINVAL);
}

/* Nothing of one entry is left for the next. */
static void h07_consumed(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	t->page.exit.exit_reason = RMI_EXIT_IRQ;
	t->rec.entry_flags = ~0ULL;
	memset(t->page.enter.gprs, 0x5a, sizeof(t->page.enter.gprs));
	rec_entry(t, RMI_SUCCESS);

	KUNIT_EXPECT_EQ(test, t->rec.entry_flags, 0);
	for (int i = 0; i < ARRAY_SIZE(t->page.enter.gprs); i++)
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[i], 0);
}

/* But the answer to a host call that could not be written to the realm yet */
static void host_call(struct kunit *test)
{
	static const struct {
		u64 ec;
		gpa_t ipa;
		u64 left;
	} cases[] = {
		{ EC_DABT, 0x1000, 0x5a5a5a5a5a5a5a5a },
		{ EC_DABT, SHARED | 0x1000, 0 },
		{ EC_IABT, 0x1000, 0 },
		{ EC_WFX, 0, 0 },
	};
	struct rmi_mmio_test *t = test->priv;

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&t->page.exit, 0, sizeof(t->page.exit));
		t->page.exit.exit_reason = RMI_EXIT_SYNC;
		t->page.exit.esr = cases[i].ec | TRANS(3);
		t->page.exit.hpfar = HPFAR(cases[i].ipa);
		t->rec.host_call = true;
		memset(t->page.enter.gprs, 0x5a, sizeof(t->page.enter.gprs));
		rec_entry(t, RMI_SUCCESS);

		KUNIT_EXPECT_EQ(test, t->rec.host_call, cases[i].left != 0);
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[0], cases[i].left);
		KUNIT_EXPECT_EQ(test, t->page.enter.gprs[30], cases[i].left);
	}
}

/* The rest of KVM sees the abort like that of any other vCPU. */
static void fault(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;

	t->page.exit.exit_reason = RMI_EXIT_SYNC;
	t->page.exit.esr = EC_DABT | ISV | SAS(1) | WNR | TRANS(3);
	t->page.exit.far = 0xabc;
	t->page.exit.hpfar = HPFAR(SHARED | 0x9000000);
	rec_entry(t, RMI_SUCCESS);

	KUNIT_EXPECT_EQ(test, kvm_vcpu_get_esr(&t->vcpu), t->page.exit.esr);
	KUNIT_EXPECT_EQ(test, kvm_vcpu_get_hfar(&t->vcpu), 0xabc);
	KUNIT_EXPECT_EQ(test, kvm_vcpu_get_fault_ipa(&t->vcpu), SHARED | 0x9000000);
	KUNIT_EXPECT_EQ(test, t->rec.mmio.gpa, 0x9000abc);
}

/* Anything in any order */

struct model {
	struct kvm_rec_mmio access;
	bool outstanding;	/* at userspace */
	u64 flags;
	u64 gpr0;
};

static void model_exit(struct model *m, const struct rmi_rec_exit *exit)
{
	*m = (struct model) {
		.access = model_decode(exit),
		.gpr0 = m->gpr0,
	};
}

/* Return: what kvm_rec_emulate_mmio() should */
static int model_emulate(struct model *m)
{
	switch (m->access.abort) {
	case KVM_REC_ABORT_OPAQUE:
		m->flags = 2;
		return 1;
	case KVM_REC_ABORT_EMULATABLE:
		m->outstanding = true;
		return 0;
	default:
		return -EFAULT;
	}
}

static void model_complete(struct model *m, u64 data)
{
	if (!m->outstanding)
		return;

	m->outstanding = false;
	m->flags = 1;
	if (!m->access.write)
		m->gpr0 = low_bytes(data, m->access.len);
}

static int model_sea(struct model *m)
{
	if (m->access.abort == KVM_REC_ABORT_NONE || m->flags == 1)
		return -EINVAL;

	m->outstanding = false;
	m->flags = 2;
	return 0;
}

static void h07_h11_h12_sequence(struct kunit *test)
{
	struct rmi_mmio_test *t = test->priv;
	struct kvm_run *run = &t->run;
	struct model m = {};
	struct rnd_state rnd;

	prandom_seed_state(&rnd, SEED);

	for (int i = 0; i < ROUNDS; i++) {
		u64 data = random_u64(&rnd);

		switch (random_below(&rnd, 8)) {
		case 0:
		case 1:
		case 2:
		case 3:
			random_exit(&rnd, &t->page.exit);
			model_exit(&m, &t->page.exit);
			rec_exit(t);

			/* Unless there turned out to be memory */
			if (!random_below(&rnd, 4))
				break;
			KUNIT_ASSERT_EQ(test, emulate(t), model_emulate(&m));
			if (!m.outstanding)
				break;
			KUNIT_ASSERT_EQ(test, run->mmio.phys_addr, m.access.gpa);
			KUNIT_ASSERT_EQ(test, run->mmio.len, m.access.len);
			KUNIT_ASSERT_EQ(test, run->mmio.is_write, m.access.write);
			if (!m.access.write)
				break;
			data = 0;
			memcpy(&data, run->mmio.data, m.access.len);
			KUNIT_ASSERT_EQ(test, data, m.access.data);
			break;
		case 4:
		case 5:
			memcpy(run->mmio.data, &data, sizeof(data));
			model_complete(&m, data);
			KUNIT_ASSERT_EQ(test, kvm_rec_complete_mmio(&t->vcpu), 1);
			break;
		case 6:
			KUNIT_ASSERT_EQ(test, set_events(t, true, false), model_sea(&m));
			break;
		case 7:
			KUNIT_ASSERT_EQ(test, set_events(t, data & 1, true), -EINVAL);
			KUNIT_ASSERT_EQ(test, set_events(t, false, false), 0);
			break;
		}

		KUNIT_ASSERT_EQ(test, t->rec.entry_flags, m.flags);
		KUNIT_ASSERT_EQ(test, t->page.enter.gprs[0], m.gpr0);
		KUNIT_ASSERT_EQ(test, !!t->vcpu.mmio_needed, m.outstanding);
		KUNIT_ASSERT_EQ(test, dabt_pending(t), m.flags == 2);
		expect_decoded(test, &m.access);
	}
}

static struct kunit_case rmi_mmio_cases[] = {
	KUNIT_CASE_PARAM(h04_h08_h09_decode, decode_gen_params),
	KUNIT_CASE(h04_h08_h09_decode_random),
	KUNIT_CASE(h01_write),
	KUNIT_CASE(h02_read),
	KUNIT_CASE(h07_complete_once),
	KUNIT_CASE(h12_changed_mind),
	KUNIT_CASE(h03_registers),
	KUNIT_CASE(h05_kernel_device),
	KUNIT_CASE(h08_opaque),
	KUNIT_CASE(h11_abandon),
	KUNIT_CASE(h10_h11_sea_not_allowed),
	KUNIT_CASE(h11_serror),
	KUNIT_CASE(h11_no_rec),
	KUNIT_CASE(h07_h12_refused),
	KUNIT_CASE(h11_refused_sea),
	KUNIT_CASE(h07_busy),
	KUNIT_CASE(hardware_error),
	KUNIT_CASE(h07_consumed),
	KUNIT_CASE(host_call),
	KUNIT_CASE(fault),
	KUNIT_CASE(h07_h11_h12_sequence),
	{}
};

static struct kunit_suite rmi_mmio_suite = {
	.name = "kvm_rmi_mmio",
	.init = rmi_mmio_test_init,
	.exit = rmi_mmio_test_exit,
	.test_cases = rmi_mmio_cases,
};

kunit_test_suite(rmi_mmio_suite);
