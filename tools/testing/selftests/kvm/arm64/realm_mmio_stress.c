// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_stress - Everything at once
 *
 * Four vCPUs make 100,000 accesses (a fifth of that in an ordinary VM) to
 * devices of the VMM and of the kernel, while memory of their VM comes, goes
 * and changes between private and shared, and other VMs are created, run and
 * destroyed. What each vCPU does is planned; guest and VMM both follow the plan
 * and compare every address, size and value they get. So whatever is lost, done
 * twice or done for another vCPU shows. In the end nothing is left behind.
 *
 * Cases are named after the line of the contract they prove, see
 * Documentation/virt/kvm/arm/realm.rst.
 */
#include <linux/sizes.h>

#include <pthread.h>
#include <sys/eventfd.h>

#include "kvm_test_harness.h"
#include "processor.h"
#include "realm.h"
#include "test_util.h"
#include "vgic.h"

#include "gic.h"
#include "gic_v3.h"

#define NR_VCPUS	4
#define NR_OTHER_VMS	4

#define DEVICE_GPA	0x0a000000UL
/*
 * A page of device for each vCPU: registers of the VMM, a zone of coalesced
 * stores, and one of doorbells.
 */
#define VCPU_DEVICE(_id) (DEVICE_GPA + (_id) * SZ_4K)
#define ZONE(_id)	(VCPU_DEVICE(_id) + 0x400)
#define ZONE_SIZE	0x400
#define DOORBELL(_id)	(VCPU_DEVICE(_id) + 0x800)

#define SLOT		10
#define SLOT_GPA	0x40000000UL
#define SLOT_PAGES	64

static bool stop;

/*
 * The plan: what vCPU @id does in step @n
 */

enum what {
	VMM_LOAD,
	VMM_STORE,
	DOORBELL_STORE,
	COALESCED_STORE,
	GIC_STORE,
	GIC_LOAD,
};

struct step {
	enum what what;
	u32 size;		/* bytes */
	gpa_t gpa;
	u64 value;		/* loaded or stored, not more than size */
};

static const u8 mix[] = {
	VMM_LOAD, VMM_LOAD, VMM_STORE, VMM_STORE, DOORBELL_STORE, COALESCED_STORE,
	GIC_STORE, GIC_LOAD,
};

static u64 step_hash(u32 id, u32 n)
{
	u64 hash = ((u64)id << 32 | n) * 0x9e3779b97f4a7c15UL;

	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9UL;
	return hash ^ hash >> 32;
}

/* Each vCPU has a priority register of its own in the distributor. */
static gpa_t gic_register(u32 id)
{
	return GICD_BASE_GPA + GICD_IPRIORITYR + 32 + 4 * id;
}

static struct step plan(u32 id, u32 n)
{
	const u64 hash = step_hash(id, n);
	struct step step = {
		.what = mix[hash % ARRAY_SIZE(mix)],
		.size = 1 << (hash >> 8) % 4,
		.gpa = VCPU_DEVICE(id) + 8 * ((hash >> 16) % 128),
		.value = hash,
	};

	switch (step.what) {
	case COALESCED_STORE:
		step.gpa += ZONE(id) - VCPU_DEVICE(id);
		break;
	case DOORBELL_STORE:
		step.gpa = DOORBELL(id);
		step.size = 4;
		step.value = id;
		break;
	case GIC_STORE:
	case GIC_LOAD:
		step.gpa = gic_register(id);
		step.size = 4;
		/* Five bits of priority, for four interrupts */
		step.value &= 0xf8f8f8f8;
		break;
	default:
		break;
	}

	if (step.size < 8)
		step.value &= BIT_ULL(8 * step.size) - 1;
	return step;
}

/*
 * The guest's side
 */

static u64 guest_load(const struct step *step)
{
	switch (step->size) {
	case 1:
		return READ_ONCE(*(u8 *)step->gpa);
	case 2:
		return READ_ONCE(*(u16 *)step->gpa);
	case 4:
		return READ_ONCE(*(u32 *)step->gpa);
	default:
		return READ_ONCE(*(u64 *)step->gpa);
	}
}

static void guest_store(const struct step *step)
{
	switch (step->size) {
	case 1:
		WRITE_ONCE(*(u8 *)step->gpa, step->value);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)step->gpa, step->value);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)step->gpa, step->value);
		break;
	default:
		WRITE_ONCE(*(u64 *)step->gpa, step->value);
		break;
	}
}

static void guest_follow_plan(u32 nr_steps)
{
	const u32 id = guest_get_vcpuid();
	u64 priority;
	u32 n;

	priority = READ_ONCE(*(u32 *)gic_register(id));
	for (n = 0; n < nr_steps; n++) {
		const struct step step = plan(id, n);

		switch (step.what) {
		case VMM_LOAD:
			GUEST_ASSERT_EQ(guest_load(&step), step.value);
			break;
		case GIC_LOAD:
			GUEST_ASSERT_EQ(guest_load(&step), priority);
			break;
		case GIC_STORE:
			priority = step.value;
			guest_store(&step);
			break;
		default:
			guest_store(&step);
			break;
		}
	}
	GUEST_DONE();
}

/*
 * The VMM's side
 */

struct user {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	u32 nr_steps;
	u32 next;		/* step that the VMM has not seen yet */
	u32 next_coalesced;	/* the same for coalesced stores */
	u32 nr_exits;
	u32 nr_coalesced;
	int doorbell;
};

static struct user users[NR_VCPUS];

/* The ring is one for all vCPUs. */
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kvm_coalesced_mmio_ring *ring;

/* The next step that is one of two kinds, from *@n on; *@n goes behind it. */
static struct step next_step(const struct user *user, u32 *n, enum what a, enum what b)
{
	while (*n < user->nr_steps) {
		struct step step = plan(user->vcpu->id, (*n)++);

		if (step.what == a || step.what == b)
			return step;
	}
	TEST_FAIL("vCPU %u: an access too many", user->vcpu->id);
}

static void expect_coalesced(struct user *user, gpa_t gpa, u32 len, const u8 *bytes)
{
	struct step step = next_step(user, &user->next_coalesced, COALESCED_STORE,
				     COALESCED_STORE);
	u64 data = 0;

	TEST_ASSERT_EQ(gpa, step.gpa);
	TEST_ASSERT_EQ(len, step.size);
	memcpy(&data, bytes, len);
	TEST_ASSERT_EQ(data, step.value);
	user->nr_coalesced++;
}

static void drain_ring(void)
{
	const u32 size = (getpagesize() - sizeof(*ring)) / sizeof(ring->coalesced_mmio[0]);

	while (ring->first != READ_ONCE(ring->last)) {
		struct kvm_coalesced_mmio *e = &ring->coalesced_mmio[ring->first];
		u32 id = (e->phys_addr - DEVICE_GPA) / SZ_4K;

		dmb(ish);
		TEST_ASSERT(id < NR_VCPUS, "Coalesced store to 0x%llx", e->phys_addr);
		expect_coalesced(&users[id], e->phys_addr, e->len, e->data);
		dmb(ish);
		WRITE_ONCE(ring->first, (ring->first + 1) % size);
	}
}

static void handle_access(struct user *user)
{
	struct step step = next_step(user, &user->next, VMM_LOAD, VMM_STORE);
	struct kvm_run *run = user->vcpu->run;
	u64 data = 0;

	TEST_ASSERT_EQ(run->mmio.phys_addr, step.gpa);
	TEST_ASSERT_EQ(run->mmio.len, step.size);
	TEST_ASSERT_EQ(run->mmio.is_write, step.what == VMM_STORE);
	user->nr_exits++;
	if (step.what == VMM_LOAD) {
		/* With garbage behind what was asked for */
		memset(run->mmio.data, 0xee, sizeof(run->mmio.data));
		memcpy(run->mmio.data, &step.value, step.size);
		return;
	}
	memcpy(&data, run->mmio.data, step.size);
	TEST_ASSERT_EQ(data, step.value);
}

static bool in_zone(const struct user *user, gpa_t gpa)
{
	return gpa >= ZONE(user->vcpu->id) && gpa < ZONE(user->vcpu->id) + ZONE_SIZE;
}

static bool is_device(gpa_t gpa)
{
	return gpa >= DEVICE_GPA && gpa < VCPU_DEVICE(NR_VCPUS);
}

static void run_to_the_end(struct user *user)
{
	struct kvm_run *run = user->vcpu->run;
	struct ucall uc;

	for (;;) {
		TEST_ASSERT_EQ(vcpu_run_errno(user->vcpu), 0);
		pthread_mutex_lock(&ring_lock);
		drain_ring();
		/* The ring was full. */
		if (run->exit_reason == KVM_EXIT_MMIO && in_zone(user, run->mmio.phys_addr))
			expect_coalesced(user, run->mmio.phys_addr, run->mmio.len,
					 run->mmio.data);
		pthread_mutex_unlock(&ring_lock);

		if (run->exit_reason != KVM_EXIT_MMIO || !is_device(run->mmio.phys_addr))
			break;
		if (!in_zone(user, run->mmio.phys_addr))
			handle_access(user);
	}

	if (get_ucall(user->vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(uc.cmd == UCALL_DONE, "Exit %u (%s), ucall %lu", run->exit_reason,
		    exit_reason_str(run->exit_reason), uc.cmd);
}

/* The guest is at the end of its plan; all of it must have been seen. */
static void expect_complete(const struct user *user)
{
	u32 planned[ARRAY_SIZE(mix)] = {};
	eventfd_t rung = 0;
	u32 n;

	for (n = 0; n < user->nr_steps; n++)
		planned[plan(user->vcpu->id, n).what]++;

	TEST_ASSERT_EQ(user->nr_exits, planned[VMM_LOAD] + planned[VMM_STORE]);
	TEST_ASSERT_EQ(user->nr_coalesced, planned[COALESCED_STORE]);
	TEST_ASSERT(!eventfd_read(user->doorbell, &rung), "The doorbell never rang");
	TEST_ASSERT_EQ(rung, planned[DOORBELL_STORE]);
}

static void *use_devices(void *arg)
{
	run_to_the_end(arg);
	return NULL;
}

static void *change_memory(void *arg)
{
	struct kvm_vm *vm = arg;
	const bool private = vm_is_realm(vm);
	const u64 size = SLOT_PAGES * vm->page_size;
	u32 n;

	for (n = 0; !READ_ONCE(stop); n++) {
		vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT,
					    SLOT_PAGES, private ? KVM_MEM_GUEST_MEMFD : 0);
		memset(addr_gpa2hva(vm, SLOT_GPA), n, size);
		if (private) {
			vm_mem_set_private(vm, SLOT_GPA, size);
			vm_mem_set_shared(vm, SLOT_GPA, size / 2);
			vm_mem_set_shared(vm, SLOT_GPA, size);
		}
		vm_mem_region_delete(vm, SLOT);
		usleep(5000);
	}
	return NULL;
}

static void run_other_vm(enum vm_kind kind)
{
	const u64 value = 0x0123456789abcdefUL;
	const gva_t gic = gic_register(0);
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_agents(kind, 1, &vcpu);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, 1);
	vm_launch(vm);

	agent_set_load(vcpu, DEVICE_GPA, 8);
	TEST_ASSERT(!agent_run(vcpu), "A load without an exit");
	memcpy(vcpu->run->mmio.data, &value, sizeof(value));
	TEST_ASSERT(agent_run(vcpu), "A second exit");
	TEST_ASSERT_EQ(agent_answer(vcpu)->value, value);

	agent_store(vcpu, gic, 4, 0x08101820);
	TEST_ASSERT_EQ(agent_load(vcpu, gic, 4), 0x08101820);
	kvm_vm_free(vm);
}

static void add_user(struct user *user, struct kvm_vcpu *vcpu, u32 nr_steps)
{
	struct kvm_ioeventfd args = {
		.addr = DOORBELL(vcpu->id),
		.len = 4,
		.datamatch = vcpu->id,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
	};

	*user = (struct user) {
		.vcpu = vcpu,
		.nr_steps = nr_steps,
		.doorbell = eventfd(0, EFD_NONBLOCK),
	};
	TEST_ASSERT(user->doorbell >= 0, __KVM_SYSCALL_ERROR("eventfd()", user->doorbell));
	args.fd = user->doorbell;
	vm_ioctl(vcpu->vm, KVM_IOEVENTFD, &args);
	kvm_vm_register_coalesced_io(vcpu->vm, ZONE(vcpu->id), ZONE_SIZE, false);
	vcpu_args_set(vcpu, 1, (u64)nr_steps);
}

static void start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	TEST_ASSERT(!pthread_create(thread, NULL, fn, arg), "pthread_create");
}

static void stress(enum vm_kind kind, u32 nr_steps)
{
	struct kvm_vcpu *vcpus[NR_VCPUS];
	pthread_t changer;
	struct kvm_vm *vm;
	int i;

	vm = vm_create_kind(kind, NR_VCPUS, guest_follow_plan, vcpus);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, NR_VCPUS);
	for (i = 0; i < NR_VCPUS; i++)
		add_user(&users[i], vcpus[i], nr_steps);
	ring = (void *)vcpus[0]->run + vm_check_cap(vm, KVM_CAP_COALESCED_MMIO) * getpagesize();
	vm_launch(vm);

	stop = false;
	for (i = 0; i < NR_VCPUS; i++)
		start(&users[i].thread, use_devices, &users[i]);
	start(&changer, change_memory, vm);
	for (i = 0; i < NR_OTHER_VMS; i++)
		run_other_vm(i & 1 ? VM_ORDINARY : kind);

	for (i = 0; i < NR_VCPUS; i++)
		pthread_join(users[i].thread, NULL);
	WRITE_ONCE(stop, true);
	pthread_join(changer, NULL);
	for (i = 0; i < NR_VCPUS; i++) {
		expect_complete(&users[i]);
		close(users[i].doorbell);
	}
	kvm_vm_free(vm);
}

FIXTURE(kinds) {
	int unused;
};

FIXTURE_VARIANT(kinds) {
	enum vm_kind kind;
	u32 nr_steps;		/* of each vCPU */
};

FIXTURE_VARIANT_ADD(kinds, ordinary) {
	.kind = VM_ORDINARY,
	.nr_steps = 5000,
};

FIXTURE_VARIANT_ADD(kinds, realm) {
	.kind = VM_REALM,
	.nr_steps = 25000,
};

FIXTURE_SETUP(kinds)
{
	SKIP_WITHOUT_REALMS(return, variant->kind);
}

FIXTURE_TEARDOWN(kinds)
{
}

TEST_F_TIMEOUT(kinds, h05_h07_h16_accesses_while_memory_changes, 800)
{
	struct timespec began;
	long before;

	run_other_vm(variant->kind);
	before = rmm_delegated_granules(NULL);
	clock_gettime(CLOCK_MONOTONIC, &began);
	stress(variant->kind, variant->nr_steps);
	TH_LOG("%u accesses in %ld s", NR_VCPUS * variant->nr_steps,
	       (long)timespec_elapsed(began).tv_sec);
	EXPECT_EQ(before, rmm_delegated_granules(NULL));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
