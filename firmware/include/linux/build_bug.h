/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FIRMWARE_LINUX_BUILD_BUG_H
#define FIRMWARE_LINUX_BUILD_BUG_H

#define static_assert(expr, ...) __static_assert(expr, ##__VA_ARGS__, #expr)
#define __static_assert(expr, msg, ...) _Static_assert(expr, msg)

#define BUILD_BUG_ON(cond)	static_assert(!(cond))

#endif /* FIRMWARE_LINUX_BUILD_BUG_H */
