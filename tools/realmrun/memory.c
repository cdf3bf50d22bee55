// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's RAM.
 *
 * It is at one place of our address space, which the devices and the loader
 * use. For an ordinary VM that is all. For a realm it is what is behind the
 * shared half of its addresses, and a guest_memfd, which we never see, is behind
 * the private half. A page is in use in one of the two; what the other one has
 * is given back to the host.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "vm.h"
#include "map.h"
#include "memory.h"

#define MAX_IMAGES	8

static u64 ram_size;
static char *ram;
static bool ram_is_memfd;
static int gmem = -1;
static u64 page_size;

/*
 * For each page whether it is private. Conversions take the lock; devices look
 * without it, as a guest that converts a buffer in use has only itself to blame.
 */
static pthread_mutex_t convert_lock = PTHREAD_MUTEX_INITIALIZER;
static u8 *is_private;

static struct memory_stats stats;

/* What is in the RAM when the guest starts, in the order it was put there. */
static struct {
	u64 gpa;
	u64 size;
} images[MAX_IMAGES];
static unsigned int nr_images;

static bool in_ram(u64 gpa, u64 size)
{
	return gpa >= RAM_BASE && gpa - RAM_BASE <= ram_size &&
	       size <= ram_size - (gpa - RAM_BASE);
}

/* MAP_SHARED memory could be any file. A memfd has no name to be cleaned up. */
static void *map_memfd(void *where)
{
	int fd = memfd_create("realmrun", MFD_CLOEXEC);
	void *addr;

	if (fd < 0 || ftruncate(fd, ram_size))
		die_errno("memfd of %lluM", ram_size / SZ_1M);
	addr = mmap(where, ram_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	return addr;
}

static void *map_anonymous(void *where)
{
	return mmap(where, ram_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* At an address that allows for huge pages */
static void map_ram(bool memfd)
{
	char *where;

	where = mmap(NULL, ram_size + SZ_2M, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (where == MAP_FAILED)
		die_call("mmap", errno);
	where = (char *)ALIGN((uintptr_t)where, (uintptr_t)SZ_2M);

	ram = memfd ? map_memfd(where) : map_anonymous(where);
	if (ram == MAP_FAILED)
		die_call("mmap", errno);
	ram_is_memfd = memfd;
}

/* What is in brackets in a file of the system's settings */
static bool setting_is(const char *path, const char *want)
{
	char text[256] = "", *start, *end;
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);

	start = strchr(text, '[');
	end = start ? strchr(start, ']') : NULL;
	if (!end)
		return false;
	*end = '\0';
	return !strcmp(start + 1, want);
}

static void advise(int advice, const char *name)
{
	if (madvise(ram, ram_size, advice))
		die_errno("madvise(%s), is the kernel without transparent huge pages?", name);
}

/* "always" is the system's to say: see that it does */
static void set_thp(int thp)
{
	const char *path = ram_is_memfd ? "/sys/kernel/mm/transparent_hugepage/shmem_enabled" :
					  "/sys/kernel/mm/transparent_hugepage/enabled";

	switch (thp) {
	case THP_NEVER:
		advise(MADV_NOHUGEPAGE, "MADV_NOHUGEPAGE");
		break;
	case THP_MADVISE:
		advise(MADV_HUGEPAGE, "MADV_HUGEPAGE");
		break;
	case THP_ALWAYS:
		if (!setting_is(path, "always"))
			die("--thp always: %s is not set to always", path);
		break;
	}
}

/*
 * Memory that is allocated at once is contiguous, if there is such, and then mapped by
 * blocks. If there is not enough memory, it is for the access to find out.
 */
static void allocate_private(u64 gpa, u64 size)
{
	if (fallocate(gmem, FALLOC_FL_KEEP_SIZE, gpa - RAM_BASE, size) &&
	    errno != ENOMEM && errno != EINTR)
		die_errno("cannot allocate private memory at 0x%llx", gpa);
}

static void create_gmem(void)
{
	struct kvm_create_guest_memfd args = { .size = ram_size };

	gmem = xioctl(vm.fd, KVM_CREATE_GUEST_MEMFD, &args);
	allocate_private(RAM_BASE, ram_size);
	is_private = calloc(ram_size / page_size, 1);
	if (!is_private)
		die_errno("memory map");
}

static void create_slot(void)
{
	struct kvm_userspace_memory_region2 region = {
		.guest_phys_addr	= RAM_BASE,
		.memory_size		= ram_size,
		.userspace_addr		= (uintptr_t)ram,
	};

	if (vm.realm) {
		region.flags = KVM_MEM_GUEST_MEMFD;
		region.guest_memfd = gmem;
	}
	xioctl(vm.fd, KVM_SET_USER_MEMORY_REGION2, &region);
}

static void set_attributes(u64 gpa, u64 size, u64 attributes)
{
	struct kvm_memory_attributes args = {
		.address	= gpa,
		.size		= size,
		.attributes	= attributes,
	};

	xioctl(vm.fd, KVM_SET_MEMORY_ATTRIBUTES, &args);
}

/**
 * memory_init() - Create the RAM
 * @opts: how much, and what kind of
 *
 * It is all private in a realm.
 */
void memory_init(const struct options *opts)
{
	ram_size = opts->mem;
	page_size = sysconf(_SC_PAGESIZE);
	map_ram(opts->backing == BACKING_SHARED);
	set_thp(opts->thp);
	if (vm.realm)
		create_gmem();
	create_slot();
	if (vm.realm) {
		set_attributes(RAM_BASE, ram_size, KVM_MEMORY_ATTRIBUTE_PRIVATE);
		memset(is_private, 1, ram_size / page_size);
	}
}

/**
 * memory_load() - Get at the RAM before the guest starts
 * @gpa: where, in pages of the host
 * @size: how much, in bytes
 * @what: goes there; for people
 *
 * All of it will be part of what a realm consists of at its start.
 *
 * Return: where to write the contents to. It reads as zeroes now.
 */
void *memory_load(u64 gpa, u64 size, const char *what)
{
	if (!in_ram(gpa, size))
		die("%s (%lluK) does not fit into the memory, see --mem", what, size / 1024);
	if (nr_images == MAX_IMAGES)
		die("%s: more than %d images", what, MAX_IMAGES);
	images[nr_images].gpa = gpa;
	images[nr_images].size = ALIGN(size, page_size);
	nr_images++;
	return ram + (gpa - RAM_BASE);
}

static void give_back_shared(u64 gpa, u64 size)
{
	/* For a memfd MADV_DONTNEED would only forget the mapping */
	if (madvise(ram + (gpa - RAM_BASE), size,
		    ram_is_memfd ? MADV_REMOVE : MADV_DONTNEED))
		die_errno("cannot give back shared memory at 0x%llx", gpa);
}

static void give_back_private(u64 gpa, u64 size)
{
	if (fallocate(gmem, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, gpa - RAM_BASE, size))
		die_errno("cannot give back private memory at 0x%llx", gpa);
}

static void populate(u64 gpa, u64 size)
{
	struct kvm_arm_rmi_populate args = {
		.base		= gpa,
		.size		= size,
		.source_uaddr	= (uintptr_t)ram + (gpa - RAM_BASE),
		.flags		= KVM_ARM_RMI_POPULATE_FLAGS_MEASURE,
	};

	/* It may do a part, and says what is left */
	while (args.size) {
		if (ioctl(vm.fd, KVM_ARM_RMI_POPULATE, &args) &&
		    errno != EINTR && errno != EAGAIN)
			die_call("KVM_ARM_RMI_POPULATE", errno);
	}
}

/**
 * memory_launch() - Make what was loaded the initial contents of a realm
 *
 * The copies here are given back. Nothing to do for an ordinary VM.
 */
void memory_launch(void)
{
	if (!vm.realm)
		return;

	for (unsigned int i = 0; i < nr_images; i++)
		populate(images[i].gpa, images[i].size);
	give_back_shared(RAM_BASE, ram_size);
}

/* [*gpa, +*size) without what is not RAM. Returns false if nothing is left. */
static bool clip_to_ram(u64 *gpa, u64 *size)
{
	u64 end = *gpa + *size;

	*gpa = max(*gpa, RAM_BASE);
	end = min(end, RAM_BASE + ram_size);
	if (end <= *gpa)
		return false;
	*size = end - *gpa;
	return true;
}

/* How much from @gpa on is of one kind, up to @size */
static u64 same_kind(u64 gpa, u64 size, bool *private)
{
	const u8 *first = is_private + (gpa - RAM_BASE) / page_size;
	u64 pages = size / page_size, n = 1;

	*private = *first;
	while (n < pages && first[n] == *first)
		n++;
	return n * page_size;
}

static void convert_range(u64 gpa, u64 size, bool private)
{
	/* Unmapped in the guest first, then given back */
	set_attributes(gpa, size, private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
	memset(is_private + (gpa - RAM_BASE) / page_size, private, size / page_size);
	if (private) {
		give_back_shared(gpa, size);
		allocate_private(gpa, size);
		stats.to_private++;
		stats.private_bytes += size;
	} else {
		give_back_private(gpa, size);
		stats.to_shared++;
		stats.shared_bytes += size;
	}
}

/**
 * memory_convert() - Make memory of a realm private or shared
 * @gpa: where
 * @size: how much, in bytes
 * @private: which of the two
 *
 * Its contents are lost, unless it is of that kind already.
 *
 * Return: true if anything had to be done.
 */
bool memory_convert(u64 gpa, u64 size, bool private)
{
	bool any = false;

	if (!IS_ALIGNED(gpa | size, page_size))
		die("the realm converts [0x%llx, +0x%llx): the host has larger pages, %lluK",
		    gpa, size, page_size / 1024);

	pthread_mutex_lock(&convert_lock);
	stats.requests++;
	if (clip_to_ram(&gpa, &size)) {
		for (u64 end = gpa + size, n; gpa < end; gpa += n) {
			bool now;

			n = same_kind(gpa, end - gpa, &now);
			if (now != private) {
				convert_range(gpa, n, private);
				any = true;
			}
		}
	}
	pthread_mutex_unlock(&convert_lock);
	return any;
}

/**
 * memory_shared() - Get at memory that the guest gives a device the address of
 * @addr: the address, in a realm with the shared bit or without
 * @size: how many bytes
 *
 * Return: where it is here; NULL if it is not RAM, or not shared.
 */
void *memory_shared(u64 addr, u64 size)
{
	u64 gpa = vm.realm ? addr & ~BIT_ULL(vm.ipa_bits - 1) : addr;

	if (!in_ram(gpa, size))
		return NULL;
	if (vm.realm && size) {
		u64 first = (gpa - RAM_BASE) / page_size;
		u64 last = (gpa + size - 1 - RAM_BASE) / page_size;

		for (u64 i = first; i <= last; i++) {
			if (__atomic_load_n(&is_private[i], __ATOMIC_RELAXED))
				return NULL;
		}
	}
	return ram + (gpa - RAM_BASE);
}

/**
 * memory_get_stats() - Tell how much was converted
 * @copy: receives it
 */
void memory_get_stats(struct memory_stats *copy)
{
	pthread_mutex_lock(&convert_lock);
	*copy = stats;
	pthread_mutex_unlock(&convert_lock);
}
