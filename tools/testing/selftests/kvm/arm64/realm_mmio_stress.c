// SPDX-License-Identifier: GPL-2.0-only
/*
 * realm_mmio_stress - Everything at once
 *
 * Several vCPUs use devices of the VMM and of the kernel while memory of their
 * VM comes, goes and changes between private and shared, and other VMs are
 * created, run and destroyed. Each value still has to arrive where it should,
 * and in the end nothing is left behind. A bounded number of rounds.
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
#define NR_ROUNDS	150
#define NR_OTHER_VMS	4

#define DEVICE_GPA	0x0a000000UL
/* A page of device for each vCPU; its second half rings an eventfd. */
#define VCPU_DEVICE(_id) (DEVICE_GPA + (_id) * SZ_4K)
#define DOORBELL(_id)	(VCPU_DEVICE(_id) + SZ_2K)

#define SLOT		10
#define SLOT_GPA	0x40000000UL
#define SLOT_PAGES	64

struct user {
	pthread_t thread;
	struct kvm_vcpu *vcpu;
	int doorbell;
};

static bool stop;

static u64 pattern(u32 id, u32 n)
{
	return 0x0102030405060708UL * (n + 1) ^ (u64)id << 56;
}

static void use_vmm_device(struct kvm_vcpu *vcpu, u32 n)
{
	const gpa_t gpa = VCPU_DEVICE(vcpu->id) + 8 * (n % 128);
	const u64 value = pattern(vcpu->id, n);
	struct kvm_run *run = vcpu->run;
	u64 data;

	agent_set_store(vcpu, gpa, 8, value);
	TEST_ASSERT(!agent_run(vcpu), "A store without an exit");
	memcpy(&data, run->mmio.data, sizeof(data));
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
	TEST_ASSERT_EQ(run->mmio.phys_addr, gpa);
	TEST_ASSERT_EQ(data, value);
	TEST_ASSERT(agent_run(vcpu), "A second exit");

	agent_set_load(vcpu, gpa, 8);
	TEST_ASSERT(!agent_run(vcpu), "A load without an exit");
	TEST_ASSERT_EQ(run->mmio.phys_addr, gpa);
	memcpy(run->mmio.data, &value, sizeof(value));
	TEST_ASSERT(agent_run(vcpu), "A second exit");
	TEST_ASSERT_EQ(agent_answer(vcpu)->value, value);
}

static void use_doorbell(struct user *user)
{
	eventfd_t count = 0;

	agent_store(user->vcpu, DOORBELL(user->vcpu->id), 4, user->vcpu->id);
	TEST_ASSERT(!eventfd_read(user->doorbell, &count) && count == 1,
		    "The doorbell rang %lu times", count);
}

/* Each vCPU has a priority register of its own in the distributor. */
static void use_gic(struct kvm_vcpu *vcpu, u32 n)
{
	const gva_t reg = GICD_BASE_GPA + GICD_IPRIORITYR + 32 + 4 * vcpu->id;
	const u32 value = (n & 0x1f) * 0x08080808;

	agent_store(vcpu, reg, 4, value);
	TEST_ASSERT_EQ(agent_load(vcpu, reg, 4), value);
}

static void *use_devices(void *arg)
{
	struct user *user = arg;
	u32 n;

	for (n = 0; n < NR_ROUNDS; n++) {
		use_vmm_device(user->vcpu, n);
		use_doorbell(user);
		use_gic(user->vcpu, n);
	}
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
	}
	return NULL;
}

static void run_other_vm(enum vm_kind kind)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_agents(kind, 1, &vcpu);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, 1);
	vm_launch(vm);
	use_vmm_device(vcpu, 0);
	use_gic(vcpu, 1);
	kvm_vm_free(vm);
}

static void add_doorbell(struct kvm_vm *vm, struct user *user)
{
	struct kvm_ioeventfd args = {
		.addr = DOORBELL(user->vcpu->id),
		.len = 4,
		.datamatch = user->vcpu->id,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
	};

	user->doorbell = eventfd(0, EFD_NONBLOCK);
	TEST_ASSERT(user->doorbell >= 0, __KVM_SYSCALL_ERROR("eventfd()", user->doorbell));
	args.fd = user->doorbell;
	vm_ioctl(vm, KVM_IOEVENTFD, &args);
}

static void start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	TEST_ASSERT(!pthread_create(thread, NULL, fn, arg), "pthread_create");
}

static void stress(enum vm_kind kind)
{
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct user users[NR_VCPUS];
	pthread_t changer;
	struct kvm_vm *vm;
	int i;

	vm = vm_create_agents(kind, NR_VCPUS, vcpus);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, NR_VCPUS);
	for (i = 0; i < NR_VCPUS; i++) {
		users[i].vcpu = vcpus[i];
		add_doorbell(vm, &users[i]);
	}
	vm_launch(vm);

	stop = false;
	for (i = 0; i < NR_VCPUS; i++)
		start(&users[i].thread, use_devices, &users[i]);
	start(&changer, change_memory, vm);
	for (i = 0; i < NR_OTHER_VMS; i++)
		run_other_vm(i & 1 ? VM_ORDINARY : kind);

	for (i = 0; i < NR_VCPUS; i++) {
		pthread_join(users[i].thread, NULL);
		close(users[i].doorbell);
	}
	WRITE_ONCE(stop, true);
	pthread_join(changer, NULL);
	kvm_vm_free(vm);
}

FIXTURE(kinds) {
	int unused;
};

FIXTURE_VARIANT(kinds) {
	enum vm_kind kind;
};

FIXTURE_VARIANT_ADD(kinds, ordinary) {
	.kind = VM_ORDINARY,
};

FIXTURE_VARIANT_ADD(kinds, realm) {
	.kind = VM_REALM,
};

FIXTURE_SETUP(kinds)
{
	const char *reason;

	if (variant->kind == VM_REALM && !kvm_supports_realms(&reason))
		SKIP(return, "%s", reason);
}

FIXTURE_TEARDOWN(kinds)
{
}

TEST_F_TIMEOUT(kinds, everything_at_once, 240)
{
	const char *reason = NULL;
	long before;

	run_other_vm(variant->kind);
	before = rmm_delegated_granules(&reason);
	stress(variant->kind);
	if (before >= 0)
		EXPECT_EQ(before, rmm_delegated_granules(&reason));
}

int main(int argc, char *argv[])
{
	return realm_harness_run(argc, argv);
}
