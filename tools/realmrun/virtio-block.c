// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio block device (VIRTIO 1.2, 5.2) with a file behind it.
 *
 * Requests are carried out one after the other by the main thread.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>

#include "error.h"
#include "virtio.h"

#define SECTOR_SIZE	512

/*
 * A request is of 1 MB at most. All of its data goes through bounce buffers in
 * a realm, and a driver waits for ever for more than it has.
 */
#define SEGMENT_SIZE	SZ_64K
#define MAX_SEGMENTS	16

/**
 * struct block - a block device
 * @vdev:	Its virtio side.
 * @config:	Its configuration space.
 * @name:	For people, and for the driver as its serial number.
 * @fd:		The file.
 * @read_only:	It cannot be written to.
 */
struct block {
	struct virtio_device vdev;
	struct virtio_blk_config config;
	char name[VIRTIO_BLK_ID_BYTES];
	int fd;
	bool read_only;
};

/**
 * struct span - a part of a list of buffers
 * @iov: its first buffer that is not used up
 * @count: number of buffers from there on
 */
struct span {
	struct iovec *iov;
	unsigned int count;
};

static size_t span_size(const struct span *span)
{
	size_t size = 0;

	for (unsigned int i = 0; i < span->count; i++)
		size += span->iov[i].iov_len;
	return size;
}

static void span_skip(struct span *span, size_t size)
{
	while (span->count) {
		size_t n = min(size, span->iov->iov_len);

		span->iov->iov_base += n;
		span->iov->iov_len -= n;
		size -= n;
		if (span->iov->iov_len)
			break;
		span->iov++;
		span->count--;
	}
}

/* Take some bytes from the front. Returns false if there are not as many. */
static bool span_take(struct span *span, void *to, size_t size)
{
	while (size) {
		size_t n;

		if (!span->count)
			return false;
		n = min(size, span->iov->iov_len);
		memcpy(to, span->iov->iov_base, n);
		to += n;
		size -= n;
		span_skip(span, n);
	}
	return true;
}

/* Take the last byte off. Returns where it is, NULL if there is none. */
static u8 *span_take_last(struct span *span)
{
	struct iovec *last;

	while (span->count) {
		last = &span->iov[span->count - 1];
		if (last->iov_len)
			return last->iov_base + --last->iov_len;
		span->count--;
	}
	return NULL;
}

static u8 transfer(struct block *block, struct span *data, u64 sector, bool write)
{
	const u64 size = span_size(data);
	off_t offset = sector * SECTOR_SIZE;

	if (size % SECTOR_SIZE || sector > block->config.capacity ||
	    size / SECTOR_SIZE > block->config.capacity - sector)
		return VIRTIO_BLK_S_IOERR;

	while (data->count) {
		ssize_t n = write ? pwritev(block->fd, data->iov, data->count, offset) :
				    preadv(block->fd, data->iov, data->count, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			guest_message("%s: sector %llu: %s", block->name, sector,
				      n ? strerror(errno) : "end of file");
			return VIRTIO_BLK_S_IOERR;
		}
		span_skip(data, n);
		offset += n;
	}
	return VIRTIO_BLK_S_OK;
}

static u8 flush(struct block *block)
{
	if (!fdatasync(block->fd))
		return VIRTIO_BLK_S_OK;
	guest_message("%s: %s", block->name, strerror(errno));
	return VIRTIO_BLK_S_IOERR;
}

static u8 identify(struct block *block, struct span *data)
{
	if (!data->count || data->iov->iov_len < sizeof(block->name))
		return VIRTIO_BLK_S_IOERR;
	memcpy(data->iov->iov_base, block->name, sizeof(block->name));
	span_skip(data, sizeof(block->name));
	return VIRTIO_BLK_S_OK;
}

static u8 carry_out(struct block *block, const struct virtio_blk_outhdr *header,
		    struct span *out, struct span *in)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN:
		return transfer(block, in, header->sector, false);
	case VIRTIO_BLK_T_OUT:
		if (block->read_only)
			return VIRTIO_BLK_S_IOERR;
		return transfer(block, out, header->sector, true);
	case VIRTIO_BLK_T_FLUSH:
		return flush(block);
	case VIRTIO_BLK_T_GET_ID:
		return identify(block, in);
	}
	return VIRTIO_BLK_S_UNSUPP;
}

/* Returns the number of bytes written to the driver's buffers. */
static u32 serve(struct block *block, struct virtq_chain *chain)
{
	struct span out = { chain->iov, chain->readable };
	struct span in = { chain->iov + chain->readable, chain->count - chain->readable };
	struct virtio_blk_outhdr header;
	u8 *status = span_take_last(&in);
	u32 size = span_size(&in);

	if (!status)
		return 0;
	if (span_take(&out, &header, sizeof(header)))
		*status = carry_out(block, &header, &out, &in);
	else
		*status = VIRTIO_BLK_S_IOERR;
	return size - span_size(&in) + sizeof(*status);
}

static bool notify(struct virtio_device *vdev, struct virtq *vq)
{
	struct block *block = container_of(vdev, struct block, vdev);
	struct virtq_chain chain;
	u32 n;

	for (n = 0; n < vdev->ops->queue_size && virtq_pop(vq, &chain); n++) {
		virtq_push(vq, &chain, serve(block, &chain));
		virtq_interrupt(vq);
	}
	return n == vdev->ops->queue_size;
}

static const struct virtio_ops ops = {
	.queue_size = VIRTQ_MAX_SIZE,
	.notify = notify,
};

static u64 file_size(int fd, const char *path)
{
	struct stat stat;
	u64 size;

	if (fstat(fd, &stat))
		die_errno("%s", path);
	if (S_ISBLK(stat.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, &size))
			die_errno("%s", path);
		return size;
	}
	if (!S_ISREG(stat.st_mode))
		die("%s: neither a file nor a block device", path);
	return stat.st_size;
}

/**
 * virtio_block_init() - Create a block device
 * @nr: number of it
 * @path: file that is behind it
 * @read_only: it cannot be written to
 */
void virtio_block_init(unsigned int nr, const char *path, bool read_only)
{
	struct block *block = calloc(1, sizeof(*block));
	u64 size;

	if (!block)
		die_errno("%s", path);

	block->read_only = read_only;
	block->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (block->fd < 0)
		die_errno("%s", path);
	size = file_size(block->fd, path);
	if (!size || size % SECTOR_SIZE)
		die("%s: %llu bytes are no whole sectors of %d", path, size, SECTOR_SIZE);

	block->config.capacity = size / SECTOR_SIZE;
	block->config.blk_size = SECTOR_SIZE;
	block->config.size_max = SEGMENT_SIZE;
	block->config.seg_max = MAX_SEGMENTS;

	block->vdev.id = VIRTIO_ID_BLOCK;
	block->vdev.features = BIT_ULL(VIRTIO_BLK_F_SIZE_MAX) |
			       BIT_ULL(VIRTIO_BLK_F_SEG_MAX) |
			       BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) |
			       BIT_ULL(VIRTIO_BLK_F_FLUSH) |
			       (read_only ? BIT_ULL(VIRTIO_BLK_F_RO) : 0);
	block->vdev.ops = &ops;
	block->vdev.config = &block->config;
	block->vdev.config_size = sizeof(block->config);
	block->vdev.nr_queues = 1;

	snprintf(block->name, sizeof(block->name), "disk%u", nr);
	virtio_add(&block->vdev, block->name);
}
