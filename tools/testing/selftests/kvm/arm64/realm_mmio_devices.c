// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_devices - Devices in the kernel and memory that acts like one
 *
 * ioeventfd, the coalesced MMIO ring, the GIC and read-only memslots, from a
 * realm and, as the control, from an ordinary VM. The VMM registers all of them
 * at the addresses it would use for any VM.
 *
 * Cases are named after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */
#include <linux/sizes.h>

#include <fcntl.h>
#include <sys/eventfd.h>

#include "arch_timer.h"
#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

#include "gic.h"
#include "gic_v3.h"

#define DEVICE_GPA	0x0a000000UL
#define DEVICE_GVA	DEVICE_GPA
#define DEVICE_PAGES	2

#define MEMORY_SLOT	10
#define MEMORY_GPA	0x40000000UL
#define MEMORY_GVA	MEMORY_GPA
#define MEMORY_PAGES	4

FIXTURE(kinds) {
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_VARIANT_KINDS(kinds);

FIXTURE_SETUP(kinds)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);

	self->vm = vm_create_agents(variant->kind, 1, &self->vcpu);
	virt_map(self->vm, DEVICE_GVA, DEVICE_GPA, DEVICE_PAGES);
}

FIXTURE_TEARDOWN(kinds)
{
	kvm_vm_free(self->vm);
}

/* The agent's access must reach the VMM, once, and as it was meant. */
static void expect_exit(struct kvm_vcpu *vcpu, gpa_t gpa, u32 size, bool is_write)
{
	struct kvm_run *run = vcpu->run;

	TEST_ASSERT(!agent_run(vcpu), "No exit for an access to 0x%lx", gpa);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
	TEST_ASSERT_EQ(run->mmio.phys_addr, gpa);
	TEST_ASSERT_EQ(run->mmio.len, size);
	TEST_ASSERT_EQ(run->mmio.is_write, is_write);
}

static void expect_store_exit(struct kvm_vcpu *vcpu, gpa_t gpa, u32 size, u64 value)
{
	u64 data = 0;

	agent_set_store(vcpu, gpa, size, value);
	expect_exit(vcpu, gpa, size, true);
	memcpy(&data, vcpu->run->mmio.data, size);
	TEST_ASSERT_EQ(data, value);
	TEST_ASSERT(agent_run(vcpu), "A second exit");
}

static void expect_load_exit(struct kvm_vcpu *vcpu, gpa_t gpa, u32 size, u64 value)
{
	agent_set_load(vcpu, gpa, size);
	expect_exit(vcpu, gpa, size, false);
	memcpy(vcpu->run->mmio.data, &value, sizeof(value));
	TEST_ASSERT(agent_run(vcpu), "A second exit");
	TEST_ASSERT_EQ(agent_answer(vcpu)->value, value);
}

/*
 * ioeventfd
 */

static int ioeventfd(struct kvm_vm *vm, int fd, gpa_t gpa, u32 len, u32 flags,
		     u64 datamatch)
{
	struct kvm_ioeventfd args = {
		.addr = gpa,
		.len = len,
		.fd = fd,
		.flags = flags,
		.datamatch = datamatch,
	};

	return __vm_ioctl(vm, KVM_IOEVENTFD, &args);
}

/* How often the eventfd was signalled since the last time. */
static u64 events(int fd)
{
	eventfd_t count = 0;

	return eventfd_read(fd, &count) ? 0 : count;
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	TEST_ASSERT(fd >= 0, __KVM_SYSCALL_ERROR("eventfd()", fd));
	return fd;
}

TEST_F(kinds, h05_ioeventfd_any_data)
{
	const u32 sizes[] = { 1, 2, 4, 8 };
	struct kvm_vcpu *vcpu = self->vcpu;
	int fds[ARRAY_SIZE(sizes)], i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fds[i] = new_eventfd();
		ASSERT_EQ(0, ioeventfd(self->vm, fds[i], DEVICE_GPA + 0x40 * i,
				       sizes[i], 0, 0));
	}
	vm_launch(self->vm);

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const gva_t gva = DEVICE_GVA + 0x40 * i;
		const u32 size = sizes[i];

		agent_store(vcpu, gva, size, 0);
		EXPECT_EQ(1, events(fds[i]));
		agent_store(vcpu, gva, size, ~0UL);
		agent_store(vcpu, gva, size, 0x1234567890abcdefUL);
		EXPECT_EQ(2, events(fds[i]));

		/* Another size, the neighbour, and any load are the VMM's. */
		expect_store_exit(vcpu, gva, size == 8 ? 4 : 2 * size, 0x77);
		expect_store_exit(vcpu, gva + size, size, 0x78);
		expect_load_exit(vcpu, gva, size, 0x79);
		EXPECT_EQ(0, events(fds[i]));

		ASSERT_EQ(0, ioeventfd(self->vm, fds[i], gva, size,
				       KVM_IOEVENTFD_FLAG_DEASSIGN, 0));
		expect_store_exit(vcpu, gva, size, 0x7a);
		EXPECT_EQ(0, events(fds[i]));
		close(fds[i]);
	}
}

TEST_F(kinds, h05_ioeventfd_datamatch)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	const u64 match[] = { 0, 5, 0x89abcdef, 0x80000000 };
	int fds[ARRAY_SIZE(match)], wide, i;

	for (i = 0; i < ARRAY_SIZE(match); i++) {
		fds[i] = new_eventfd();
		ASSERT_EQ(0, ioeventfd(self->vm, fds[i], DEVICE_GPA, 4,
				       KVM_IOEVENTFD_FLAG_DATAMATCH, match[i]));
	}
	wide = new_eventfd();
	ASSERT_EQ(0, ioeventfd(self->vm, wide, DEVICE_GPA + 8, 8,
			       KVM_IOEVENTFD_FLAG_DATAMATCH, 0xfedcba9876543210UL));
	vm_launch(self->vm);

	for (i = 0; i < ARRAY_SIZE(match); i++) {
		int other;

		/* Of the register only what the access stores counts. */
		agent_store(vcpu, DEVICE_GVA, 4, match[i] | 0xabcd00000000UL);
		for (other = 0; other < ARRAY_SIZE(match); other++)
			EXPECT_EQ(other == i, events(fds[other]));
	}

	expect_store_exit(vcpu, DEVICE_GPA, 4, 6);
	expect_store_exit(vcpu, DEVICE_GPA, 2, 5);
	expect_store_exit(vcpu, DEVICE_GPA, 8, 5);
	agent_store(vcpu, DEVICE_GVA + 8, 8, 0xfedcba9876543210UL);
	EXPECT_EQ(1, events(wide));
	expect_store_exit(vcpu, DEVICE_GPA + 8, 8, 0xfedcba9876543211UL);
	expect_store_exit(vcpu, DEVICE_GPA + 8, 8, 0x76543210);
	EXPECT_EQ(0, events(wide));

	for (i = 0; i < ARRAY_SIZE(match); i++) {
		EXPECT_EQ(0, events(fds[i]));
		close(fds[i]);
	}
	close(wide);
}

/* A length of 0 stands for every length. */
TEST_F(kinds, h05_ioeventfd_any_length)
{
	const u32 sizes[] = { 1, 2, 4, 8 };
	struct kvm_vcpu *vcpu = self->vcpu;
	int fd = new_eventfd(), i;

	ASSERT_EQ(0, ioeventfd(self->vm, fd, DEVICE_GPA + 0x80, 0, 0, 0));
	vm_launch(self->vm);

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		agent_store(vcpu, DEVICE_GVA + 0x80, sizes[i], 0x1111111111111111UL * i);
		EXPECT_EQ(1, events(fd));
		expect_load_exit(vcpu, DEVICE_GVA + 0x80, sizes[i], 0x42);
		expect_store_exit(vcpu, DEVICE_GVA + 0x88, sizes[i], 0x43);
		EXPECT_EQ(0, events(fd));
	}
	close(fd);
}

/* What KVM refuses, for any kind of VM. */
TEST_F(kinds, h05_ioeventfd_bad_arguments)
{
	static const struct {
		gpa_t gpa;
		u32 len;
		u32 flags;
		int err;
	} bad[] = {
		{ DEVICE_GPA, 3, 0, EINVAL },
		{ DEVICE_GPA, 16, 0, EINVAL },
		{ DEVICE_GPA, 0, KVM_IOEVENTFD_FLAG_DATAMATCH, EINVAL },
		{ DEVICE_GPA, 4, 1U << 31, EINVAL },
		{ ~0UL - 3, 8, 0, EINVAL },
		{ DEVICE_GPA + 0x100, 4, KVM_IOEVENTFD_FLAG_DEASSIGN, ENOENT },
		/* There is one for all data already. */
		{ DEVICE_GPA + 0x200, 4, 0, EEXIST },
		{ DEVICE_GPA + 0x200, 4, KVM_IOEVENTFD_FLAG_DATAMATCH, EEXIST },
	};
	const int fd = new_eventfd();
	u32 i;

	ASSERT_EQ(0, ioeventfd(self->vm, fd, DEVICE_GPA + 0x200, 4, 0, 0));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, ioeventfd(self->vm, fd, bad[i].gpa, bad[i].len, bad[i].flags, 0));
		EXPECT_EQ(bad[i].err, errno)
			TH_LOG("case %u: %s", i, strerror(errno));
	}

	vm_launch(self->vm);
	agent_store(self->vcpu, DEVICE_GVA + 0x200, 4, 1);
	EXPECT_EQ(1, events(fd));
	expect_store_exit(self->vcpu, DEVICE_GPA, 4, 1);
	expect_store_exit(self->vcpu, DEVICE_GPA + 0x100, 4, 1);
	EXPECT_EQ(0, events(fd));
	close(fd);
}

/* The address of an ioeventfd is a GPA, never one with the shared bit. */
TEST_F(kinds, h04_ioeventfd_has_no_shared_bit)
{
	int fd = new_eventfd();

	if (variant->kind == VM_ORDINARY)
		SKIP(return, "a matter of realms");

	ASSERT_EQ(0, ioeventfd(self->vm, fd, DEVICE_GPA | vm_shared_bit(self->vm),
			       4, 0, 0));
	vm_launch(self->vm);
	expect_store_exit(self->vcpu, DEVICE_GPA, 4, 1);
	EXPECT_EQ(0, events(fd));
	close(fd);
}

/*
 * Coalesced MMIO
 */

static struct kvm_coalesced_mmio_ring *coalesced_ring(struct kvm_vcpu *vcpu)
{
	int page = vm_check_cap(vcpu->vm, KVM_CAP_COALESCED_MMIO);

	TEST_ASSERT(page > 0, "KVM_CAP_COALESCED_MMIO: %d", page);
	return (void *)vcpu->run + page * getpagesize();
}

TEST_F(kinds, h05_coalesced)
{
	const u32 size = (getpagesize() - sizeof(struct kvm_coalesced_mmio_ring)) /
			 sizeof(struct kvm_coalesced_mmio);
	struct kvm_vcpu *vcpu = self->vcpu;
	struct kvm_coalesced_mmio_ring *ring = coalesced_ring(vcpu);
	const gpa_t zone = DEVICE_GPA + 0x800;
	u32 i, round;

	kvm_vm_register_coalesced_io(self->vm, zone, 0x100, false);
	vm_launch(self->vm);

	for (round = 0; round < 3; round++) {
		u32 first = ring->first;

		/* The ring keeps one entry free. */
		for (i = 0; i < size - 1; i++)
			agent_store(vcpu, zone + 8 * (i % 32), 1 << i % 4,
				    0x8192a3b4c5d6e7f8UL + i);
		ASSERT_EQ((first + size - 1) % size, ring->last);

		/* Full: the VMM has to do it. Outside, and for loads, as ever. */
		expect_store_exit(vcpu, zone, 4, 0xfff1);
		expect_load_exit(vcpu, zone + 8, 4, 0xfff2);

		for (i = 0; i < size - 1; i++) {
			struct kvm_coalesced_mmio *e;
			u64 data = 0;

			e = &ring->coalesced_mmio[(first + i) % size];
			ASSERT_EQ(zone + 8 * (i % 32), e->phys_addr);
			ASSERT_EQ(1 << i % 4, e->len);
			memcpy(&data, e->data, e->len);
			ASSERT_EQ((0x8192a3b4c5d6e7f8UL + i) &
				  GENMASK_ULL(8 * e->len - 1, 0), data);
		}
		ring->first = ring->last;

		expect_store_exit(vcpu, zone - 8, 8, 0xfff3);
		expect_store_exit(vcpu, zone + 0x100, 8, 0xfff4);
		EXPECT_EQ(ring->first, ring->last);
	}

	kvm_vm_unregister_coalesced_io(self->vm, zone, 0x100, false);
	expect_store_exit(vcpu, zone, 4, 0xfff5);
}

/*
 * The GIC
 */

static u32 dist_attr(struct kvm_vm *vm, u32 offset)
{
	u32 val;

	kvm_device_attr_get(vm->arch.gic_fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset, &val);
	return val;
}

static u32 redist_attr(struct kvm_vm *vm, u32 offset)
{
	u32 val;

	kvm_device_attr_get(vm->arch.gic_fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, offset, &val);
	return val;
}

#define GICD(_offset)	(GICD_BASE_GPA + (_offset))
#define GICR(_offset)	(GICR_BASE_GPA + (_offset))
#define GICR_SGI(_offset) (GICR_BASE_GPA + SZ_64K + (_offset))

TEST_F(kinds, h05_gic_distributor)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	struct kvm_vm *vm = self->vm;
	u32 exits;

	vm_launch(vm);

	EXPECT_EQ(dist_attr(vm, GICD_TYPER), agent_load(vcpu, GICD(GICD_TYPER), 4));
	EXPECT_EQ(dist_attr(vm, GICD_IIDR), agent_load(vcpu, GICD(GICD_IIDR), 4));
	EXPECT_EQ(0x43b, agent_load(vcpu, GICD(GICD_IIDR), 4) & 0xfff);
	EXPECT_EQ(0x30, agent_load(vcpu, GICD(GICD_PIDR2), 4) & 0xf0);
	EXPECT_EQ(dist_attr(vm, GICD_STATUSR), agent_load(vcpu, GICD(GICD_STATUSR), 4));

	exits = vcpu_get_stat(vcpu, mmio_exit_kernel);

	/* 32 bits */
	agent_store(vcpu, GICD(GICD_ISENABLER + 4), 4, 0x80000105);
	EXPECT_EQ(0x80000105, agent_load(vcpu, GICD(GICD_ISENABLER + 4), 4));
	EXPECT_EQ(0x80000105, dist_attr(vm, GICD_ISENABLER + 4));
	agent_store(vcpu, GICD(GICD_ICENABLER + 4), 4, 0x100);
	EXPECT_EQ(0x80000005, dist_attr(vm, GICD_ISENABLER + 4));

	/* Bytes */
	agent_store(vcpu, GICD(GICD_IPRIORITYR + 33), 1, 0xa0);
	agent_store(vcpu, GICD(GICD_IPRIORITYR + 34), 1, 0x50);
	EXPECT_EQ(0xa0, agent_load(vcpu, GICD(GICD_IPRIORITYR + 33), 1));
	EXPECT_EQ(0x50a000, agent_load(vcpu, GICD(GICD_IPRIORITYR + 32), 4));
	EXPECT_EQ(0x50a000, dist_attr(vm, GICD_IPRIORITYR + 32));

	/* 64 bits, and their halves: bit 31 is "any CPU" */
	agent_store(vcpu, GICD(GICD_IROUTER + 8 * 40), 8, 0);
	EXPECT_EQ(0, agent_load(vcpu, GICD(GICD_IROUTER + 8 * 40), 8));
	EXPECT_EQ(0, agent_load(vcpu, GICD(GICD_IROUTER + 8 * 40), 4));

	EXPECT_EQ(exits + 10, vcpu_get_stat(vcpu, mmio_exit_kernel));

	/* Forms the GIC does not have read as zero and go no further. */
	EXPECT_EQ(0, agent_load(vcpu, GICD(GICD_ISENABLER + 4), 1));
	EXPECT_EQ(0, agent_load(vcpu, GICD(GICD_ISENABLER + 4), 2));
	EXPECT_EQ(0, agent_load(vcpu, GICD(0xf000), 4));
	agent_store(vcpu, GICD(0xf000), 4, ~0UL);
}

TEST_F(kinds, h05_gic_redistributor)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	struct kvm_vm *vm = self->vm;
	u64 typer;

	vm_launch(vm);

	typer = agent_load(vcpu, GICR(GICR_TYPER), 8);
	EXPECT_EQ(redist_attr(vm, GICR_TYPER), (u32)typer);
	EXPECT_EQ(redist_attr(vm, GICR_TYPER + 4), typer >> 32);
	EXPECT_EQ((u32)typer, agent_load(vcpu, GICR(GICR_TYPER), 4));
	EXPECT_EQ(typer >> 32, agent_load(vcpu, GICR(GICR_TYPER + 4), 4));
	EXPECT_EQ(BIT(4), typer & BIT(4));	/* the last one */

	agent_store(vcpu, GICR(GICR_WAKER), 4, 0);
	EXPECT_EQ(0, agent_load(vcpu, GICR(GICR_WAKER), 4));

	agent_store(vcpu, GICR_SGI(GICR_ISENABLER0), 4, 0x0800ffff);
	EXPECT_EQ(0x0800ffff, agent_load(vcpu, GICR_SGI(GICR_ISENABLER0), 4));
	EXPECT_EQ(0x0800ffff, redist_attr(vm, SZ_64K + GICR_ISENABLER0));
	agent_store(vcpu, GICR_SGI(GICR_IPRIORITYR0 + 27), 1, 0x80);
	EXPECT_EQ(0x80000000, agent_load(vcpu, GICR_SGI(GICR_IPRIORITYR0 + 24), 4));
}

/*
 * Interrupts, from all that can raise one
 */

#define TEST_SGI	3
#define TEST_PPI	20
#define EDGE_SPI	40
#define LEVEL_SPI	41
#define IRQFD_SPI	42
#define RESAMPLE_SPI	43

static u64 nr_irqs;
static u64 last_intid;

static void irq_handler(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();

	last_intid = intid;
	nr_irqs++;
	/*
	 * Have the device lower its line, as a driver does. PPIs of a VM are
	 * level-sensitive. The access also has KVM see the interrupt active,
	 * which it must to notice the end of it (resamplefd).
	 */
	if (intid == LEVEL_SPI || intid == TEST_PPI || intid == RESAMPLE_SPI)
		writel(intid, (void *)DEVICE_GVA);
	gic_set_eoi(intid);
}

static void guest_enable(unsigned int intid, bool is_edge)
{
	if (intid >= 32)
		gic_irq_set_config(intid, is_edge);
	gic_irq_enable(intid);
}

/* Tell the VMM about each interrupt, and how many there have been. */
static void guest_interrupts(void)
{
	u64 seen = 0;

	gic_init(GIC_V3, 1);
	guest_enable(TEST_SGI, false);
	guest_enable(TEST_PPI, false);
	guest_enable(EDGE_SPI, true);
	guest_enable(LEVEL_SPI, false);
	guest_enable(IRQFD_SPI, true);
	guest_enable(RESAMPLE_SPI, false);
	local_irq_enable();

	for (;;) {
		GUEST_SYNC2(seen, last_intid);
		while (READ_ONCE(nr_irqs) == seen)
			cpu_relax();
		seen++;
		write_sysreg_s((u64)TEST_SGI << 24 | 1, SYS_ICC_SGI1R_EL1);
		while (READ_ONCE(nr_irqs) == seen)
			cpu_relax();
		GUEST_ASSERT_EQ(last_intid, (u64)TEST_SGI);
		/* And no other one came with it. */
		GUEST_ASSERT_EQ(READ_ONCE(nr_irqs), ++seen);
	}
}

/* What a line stands for; @fd raises it, @resample_fd tells of its end. */
struct irq_source {
	const char *name;
	u32 intid;
	bool is_level;
	int fd;
	int resample_fd;
};

static void irq_source_init(struct kvm_vm *vm, struct irq_source *irq)
{
	struct kvm_irqfd args = { .gsi = irq->intid - 32 };

	if (irq->intid != IRQFD_SPI && irq->intid != RESAMPLE_SPI)
		return;

	irq->fd = new_eventfd();
	args.fd = irq->fd;
	if (irq->intid == RESAMPLE_SPI) {
		irq->resample_fd = new_eventfd();
		args.resamplefd = irq->resample_fd;
		args.flags = KVM_IRQFD_FLAG_RESAMPLE;
	}
	vm_ioctl(vm, KVM_IRQFD, &args);
}

static void irq_source_raise(struct kvm_vm *vm, struct irq_source *irq)
{
	if (irq->fd) {
		TEST_ASSERT(!eventfd_write(irq->fd, 1), "eventfd_write");
		return;
	}
	kvm_arm_irq_line(vm, irq->intid, 1);
	if (!irq->is_level)
		kvm_arm_irq_line(vm, irq->intid, 0);
}

/* Run until the guest has taken the interrupt. */
static void expect_interrupt(struct kvm_vcpu *vcpu, struct irq_source *irq, u64 nr)
{
	struct kvm_run *run = vcpu->run;
	struct ucall uc;

	TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	if (run->exit_reason == KVM_EXIT_MMIO && run->mmio.phys_addr == DEVICE_GPA) {
		TEST_ASSERT(irq->is_level, "%s: no level", irq->name);
		if (!irq->fd)
			kvm_arm_irq_line(vcpu->vm, irq->intid, 0);
		TEST_ASSERT_EQ(vcpu_run_errno(vcpu), 0);
	}
	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT_EQ(uc.cmd, UCALL_SYNC);
	TEST_ASSERT(uc.args[0] == nr, "%s: %lu interrupts, not %lu", irq->name, uc.args[0], nr);
	if (irq->resample_fd)
		TEST_ASSERT_EQ(events(irq->resample_fd), 1);
}

TEST_F(kinds, h05_interrupts)
{
	struct irq_source sources[] = {
		{ "PPI, KVM_IRQ_LINE",		TEST_PPI, .is_level = true },
		{ "edge SPI, KVM_IRQ_LINE",	EDGE_SPI },
		{ "level SPI, KVM_IRQ_LINE",	LEVEL_SPI, .is_level = true },
		{ "SPI, irqfd",			IRQFD_SPI },
		{ "SPI, irqfd and resamplefd",	RESAMPLE_SPI, .is_level = true },
	};
	struct kvm_vcpu *vcpu = self->vcpu;
	struct ucall uc;
	u32 i, nr = 0;

	vcpu_arch_set_entry_point(vcpu, guest_interrupts);
	vm_install_exception_handler(self->vm, VECTOR_IRQ_CURRENT, irq_handler);
	vm_launch(self->vm);
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		irq_source_init(self->vm, &sources[i]);

	ASSERT_EQ(0, vcpu_run_errno(vcpu));
	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	for (i = 0; i < 4 * ARRAY_SIZE(sources); i++) {
		struct irq_source *irq = &sources[i % ARRAY_SIZE(sources)];

		irq_source_raise(self->vm, irq);
		nr += 2;
		expect_interrupt(vcpu, irq, nr);
	}
}

/*
 * The interrupts of the timers, which of a realm are made from what the RMM tells
 * with each exit. Each fires once, however the guest spends the time until then.
 */

static const struct {
	enum arch_timer timer;
	unsigned int intid;
} timers[] = {
	{ VIRTUAL, 27 },
	{ PHYSICAL, 30 },
};

/* How often each has been taken */
static u32 timer_irqs[32];

static void timer_handler(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();
	int i;

	for (i = 0; i < ARRAY_SIZE(timers); i++) {
		if (intid == timers[i].intid)
			timer_set_ctl(timers[i].timer, 0);
	}
	if (intid < ARRAY_SIZE(timer_irqs))
		timer_irqs[intid]++;
	gic_set_eoi(intid);
}

static void wait_computing(void)
{
	cpu_relax();
}

static void wait_with_exits(void)
{
	readl((void *)DEVICE_GVA);
}

static void wait_for_interrupt(void)
{
	local_irq_disable();
	wfi();
	local_irq_enable();
}

static void (*const waits[])(void) = {
	wait_computing,
	wait_with_exits,
	wait_for_interrupt,
};

static void guest_one_timer(int nr, void (*wait)(void))
{
	const unsigned int intid = timers[nr].intid;
	const enum arch_timer timer = timers[nr].timer;
	const u32 seen = timer_irqs[intid];
	const u64 deadline = timer_get_cntct(timer) + msec_to_cycles(5);

	timer_set_cval(timer, deadline);
	timer_set_ctl(timer, CTL_ENABLE);
	while (READ_ONCE(timer_irqs[intid]) == seen)
		wait();
	GUEST_ASSERT(timer_get_cntct(timer) >= deadline);

	/* The level is low again, and the host knows. */
	wait_with_exits();
	wait_with_exits();
	GUEST_ASSERT_EQ(READ_ONCE(timer_irqs[intid]), seen + 1);
}

static void guest_timers(void)
{
	int round, nr, way;

	gic_init(GIC_V3, 1);
	for (nr = 0; nr < ARRAY_SIZE(timers); nr++)
		gic_irq_enable(timers[nr].intid);
	local_irq_enable();

	for (round = 0; round < 3; round++) {
		for (nr = 0; nr < ARRAY_SIZE(timers); nr++) {
			for (way = 0; way < ARRAY_SIZE(waits); way++)
				guest_one_timer(nr, waits[way]);
		}
	}
	GUEST_DONE();
}

TEST_F(kinds, h05_timer_interrupts)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	struct ucall uc;

	vcpu_arch_set_entry_point(vcpu, guest_timers);
	vm_install_exception_handler(self->vm, VECTOR_IRQ_CURRENT, timer_handler);
	vm_launch(self->vm);

	do {
		ASSERT_EQ(0, vcpu_run_errno(vcpu));
	} while (vcpu->run->exit_reason == KVM_EXIT_MMIO &&
		 vcpu->run->mmio.phys_addr == DEVICE_GPA);

	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	ASSERT_EQ(UCALL_DONE, uc.cmd);
}

/*
 * Read-only memslots: a load is memory, a store is MMIO
 */

static u64 *add_read_only_memory(struct kvm_vm *vm)
{
	u64 *hva;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY_GPA, MEMORY_SLOT,
				    MEMORY_PAGES, KVM_MEM_READONLY);
	hva = addr_gpa2hva(vm, MEMORY_GPA);
	virt_map_shared(vm, MEMORY_GVA, MEMORY_GPA, MEMORY_PAGES);
	return hva;
}

TEST_F(kinds, h06_read_only_memory)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	u64 *hva = add_read_only_memory(self->vm);
	const u64 page_words = self->vm->page_size / sizeof(u64);
	u32 i;

	for (i = 0; i < MEMORY_PAGES; i++)
		hva[i * page_words + 1] = 0x1000000000000001UL * (i + 1);
	vm_launch(self->vm);

	/* Page 0 is loaded first, page 1 is stored to first. */
	EXPECT_EQ(hva[1], agent_load(vcpu, MEMORY_GVA + 8, 8));
	expect_store_exit(vcpu, MEMORY_GPA + 8, 8, 0xaaaaaaaaaaaaaaaaUL);
	EXPECT_EQ(hva[1], agent_load(vcpu, MEMORY_GVA + 8, 8));

	for (i = 1; i < MEMORY_PAGES; i++) {
		const gpa_t gpa = MEMORY_GPA + i * self->vm->page_size + 8;

		expect_store_exit(vcpu, gpa, 4, 0xbbbbbbbb);
		EXPECT_EQ(hva[i * page_words + 1], agent_load(vcpu, gpa, 8));
		expect_store_exit(vcpu, gpa + 4, 1, 0xcc);
	}

	/* The memory is the host's to change, and nobody else's. */
	for (i = 0; i < MEMORY_PAGES; i++) {
		EXPECT_EQ(0x1000000000000001UL * (i + 1), hva[i * page_words + 1]);
		hva[i * page_words + 1] = ~(u64)i;
		EXPECT_EQ(~(u64)i, agent_load(vcpu, MEMORY_GVA + i * self->vm->page_size + 8, 8));
	}
}

/* Memory nobody has ever written, not even the host. */
TEST_F(kinds, h06_read_only_memory_untouched)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	u32 i;

	add_read_only_memory(self->vm);
	vm_launch(self->vm);

	for (i = 0; i < MEMORY_PAGES; i++) {
		const gpa_t gpa = MEMORY_GPA + i * self->vm->page_size;

		EXPECT_EQ(0, agent_load(vcpu, gpa, 8));
		expect_store_exit(vcpu, gpa, 8, 0x33);
		EXPECT_EQ(0, agent_load(vcpu, gpa, 8));
	}
}

/* What the kernel counts. */
TEST_F(kinds, h14_statistics)
{
	struct kvm_vcpu *vcpu = self->vcpu;
	u64 user, kernel;
	int fd = new_eventfd(), i;

	ASSERT_EQ(0, ioeventfd(self->vm, fd, DEVICE_GPA, 4, 0, 0));
	vm_launch(self->vm);
	agent_store(vcpu, DEVICE_GVA, 4, 0);

	/* Each access of the agent ends in a ucall, which is one more exit. */
	user = vcpu_get_stat(vcpu, mmio_exit_user);
	kernel = vcpu_get_stat(vcpu, mmio_exit_kernel);
	for (i = 0; i < 5; i++) {
		agent_store(vcpu, DEVICE_GVA, 4, i);
		expect_store_exit(vcpu, DEVICE_GPA + 4, 4, i);
		expect_load_exit(vcpu, DEVICE_GPA, 4, i);
	}
	EXPECT_EQ(user + 5 * 5, vcpu_get_stat(vcpu, mmio_exit_user));
	EXPECT_EQ(kernel + 5, vcpu_get_stat(vcpu, mmio_exit_kernel));
	close(fd);
}

/*
 * Tracepoints
 */

#define TRACING	"/sys/kernel/tracing/"

static bool trace_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == strlen(text);
	close(fd);
	return ok;
}

/* Does a line of the trace contain this? */
static bool traced(const char *what)
{
	char line[512];
	bool found = false;
	FILE *f;

	f = fopen(TRACING "trace", "r");
	TEST_ASSERT(f, "No trace");
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, what);
	fclose(f);
	return found;
}

TEST_F(kinds, h14_traces)
{
	struct kvm_vcpu *vcpu = self->vcpu;

	if (!trace_write(TRACING "events/kvm/kvm_mmio/enable", "1"))
		SKIP(return, "no tracefs at " TRACING);
	trace_write(TRACING "trace", "");

	vm_launch(self->vm);
	expect_store_exit(vcpu, DEVICE_GPA + 0x44, 4, 0x8192a3b4);
	expect_load_exit(vcpu, DEVICE_GPA + 0x48, 2, 0xc5d6);
	agent_store(vcpu, GICD(GICD_ISENABLER + 4), 4, 0x105);
	trace_write(TRACING "events/kvm/kvm_mmio/enable", "0");

	EXPECT_TRUE(traced("mmio write len 4 gpa 0xa000044 val 0x8192a3b4"));
	EXPECT_TRUE(traced("mmio unsatisfied-read len 2 gpa 0xa000048"));
	EXPECT_TRUE(traced("mmio read len 2 gpa 0xa000048 val 0xc5d6"));
	EXPECT_TRUE(traced("mmio write len 4 gpa 0x8020104 val 0x105"));
	trace_write(TRACING "trace", "");
}

static u32 nr_seas;

static void sea_handler(struct ex_regs *regs)
{
	nr_seas++;
	regs->pc += 4;
}

static void guest_opaque(void)
{
	asm volatile("ldp x2, x3, [%0]" : : "r"(DEVICE_GVA + 0x40) : "x2", "x3", "memory");
	GUEST_ASSERT_EQ(nr_seas, 1U);
	GUEST_DONE();
}

/*
 * An access that cannot be emulated: an ordinary VM ends with an error, and the
 * trace tells where. Of a realm nobody knows where it is.
 */
TEST_F(kinds, h08_h14_trace_of_what_cannot_be_emulated)
{
	const bool is_realm = variant->kind == VM_REALM;
	struct kvm_vcpu *vcpu = self->vcpu;

	if (!trace_write(TRACING "events/kvm/kvm_mmio_nisv/enable", "1"))
		SKIP(return, "no tracefs at " TRACING);
	trace_write(TRACING "trace", "");

	vcpu_arch_set_entry_point(vcpu, guest_opaque);
	vm_install_sync_handler(self->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, sea_handler);
	vm_launch(self->vm);
	EXPECT_EQ(is_realm ? 0 : ENOSYS, vcpu_run_errno(vcpu));
	if (is_realm)
		EXPECT_EQ(UCALL_DONE, get_ucall(vcpu, NULL));
	trace_write(TRACING "events/kvm/kvm_mmio_nisv/enable", "0");

	EXPECT_TRUE(traced("kvm_mmio_nisv: "));
	EXPECT_EQ(is_realm, traced("pc 0x00000000000000"));
	trace_write(TRACING "trace", "");
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
