// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in memory when the guest starts: kernel, device tree, initial RAM disk.
 *
 *	RAM_BASE	the kernel, all it takes before it knows its memory
 *	...		on the next 2 MB: the device tree
 *	...		64 KB on: the initial RAM disk
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devicetree.h"
#include "error.h"
#include "gic.h"
#include "vm.h"
#include "loader.h"
#include "memory.h"

static int open_file(const char *path, u64 *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		die_errno("%s", path);
	if (!S_ISREG(stat.st_mode))
		die("%s is not a file", path);
	*size = stat.st_size;
	return fd;
}

static void read_file(int fd, const char *path, void *to, u64 size)
{
	while (size) {
		ssize_t n = read(fd, to, size);

		if (n < 0 && errno != EINTR)
			die_errno("%s", path);
		if (!n)
			die("%s became shorter", path);
		if (n > 0) {
			to += n;
			size -= n;
		}
	}
}

static void load_kernel(const char *path, struct image_info *info, u64 gpa)
{
	u8 head[64] = "";
	const u64 head_size = sizeof(head);
	const char *wrong;
	u64 size;
	int fd;

	fd = open_file(path, &size);
	if (pread(fd, head, sizeof(head), 0) < 0)
		die_errno("%s", path);
	wrong = image_check(head, min(size, head_size), size, info);
	if (wrong)
		die("%s %s", path, wrong);
	read_file(fd, path, memory_load(gpa + info->text_offset, info->size, "the kernel"),
		  size);
	close(fd);
}

static u64 load_initrd(const char *path, u64 gpa)
{
	u64 size;
	int fd;

	if (!path)
		return 0;
	fd = open_file(path, &size);
	if (size)
		read_file(fd, path, memory_load(gpa, size, "the initial RAM disk"), size);
	close(fd);
	return size;
}

/**
 * loader_init() - Fill the memory
 * @opts: with what
 * @boot: receives how to start that
 *
 * All devices are there.
 */
void loader_init(const struct options *opts, struct boot *boot)
{
	struct machine machine = {
		.opts		= opts,
		.ipa_bits	= vm.ipa_bits,
		.its		= gic_has_its(),
	};
	struct image_info info;

	load_kernel(opts->kernel, &info, RAM_BASE);
	boot->entry = RAM_BASE + info.text_offset;
	boot->fdt = ALIGN(boot->entry + info.size, SZ_2M);
	machine.initrd = boot->fdt + DEVICETREE_SIZE;
	machine.initrd_size = load_initrd(opts->initrd, machine.initrd);
	devicetree_build(memory_load(boot->fdt, DEVICETREE_SIZE, "the device tree"),
			 DEVICETREE_SIZE, &machine);
}
