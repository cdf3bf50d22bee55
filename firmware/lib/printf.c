// SPDX-License-Identifier: GPL-2.0-only
/* Formatted output into a buffer on the stack, handed to the image's console in one piece. */
#include <console.h>
#include <string.h>

/* Where output goes: counts what did not fit, writes no more than @size. */
struct sink {
	char *buf;
	size_t size;
	size_t len;
};

/* One conversion. */
struct spec {
	bool zero;
	bool left;
	int width;
	int precision;	/* -1: none */
	int longs;	/* number of l's; z counts as one */
};

static void put(struct sink *s, char c)
{
	if (s->len < s->size)
		s->buf[s->len] = c;
	s->len++;
}

static void put_padded(struct sink *s, const struct spec *spec, const char *str, int len, char pad)
{
	int fill = spec->width - len;

	if (!spec->left) {
		for (; fill > 0; fill--)
			put(s, pad);
	}
	for (int i = 0; i < len; i++)
		put(s, str[i]);
	for (; fill > 0; fill--)
		put(s, ' ');
}

static void put_number(struct sink *s, struct spec *spec, u64 value, bool negative,
		       unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[24];
	int pos = sizeof(buf);

	do {
		buf[--pos] = digits[value % base];
		value /= base;
	} while (value);

	if (negative && spec->zero && !spec->left) {
		put(s, '-');
		spec->width--;
	} else if (negative) {
		buf[--pos] = '-';
	}

	put_padded(s, spec, buf + pos, sizeof(buf) - pos, spec->zero ? '0' : ' ');
}

static u64 get_unsigned(const struct spec *spec, va_list *args)
{
	return spec->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

static s64 get_signed(const struct spec *spec, va_list *args)
{
	return spec->longs ? va_arg(*args, long) : va_arg(*args, int);
}

static void put_string(struct sink *s, const struct spec *spec, const char *str)
{
	size_t max = spec->precision < 0 ? PRINTF_MAX : spec->precision;

	if (!str)
		str = "(null)";
	put_padded(s, spec, str, strnlen(str, max), ' ');
}

static void convert(struct sink *s, struct spec *spec, char conv, va_list *args)
{
	s64 value;
	char c;

	switch (conv) {
	case 'c':
		c = va_arg(*args, int);
		put_padded(s, spec, &c, 1, ' ');
		break;
	case 's':
		put_string(s, spec, va_arg(*args, const char *));
		break;
	case 'd':
	case 'i':
		value = get_signed(spec, args);
		put_number(s, spec, value < 0 ? -(u64)value : (u64)value, value < 0, 10, false);
		break;
	case 'u':
		put_number(s, spec, get_unsigned(spec, args), false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(s, spec, get_unsigned(spec, args), false, 16, conv == 'X');
		break;
	case 'p':
		put(s, '0');
		put(s, 'x');
		put_number(s, spec, (u64)va_arg(*args, void *), false, 16, false);
		break;
	case '%':
		put(s, '%');
		break;
	default:
		put(s, '%');
		put(s, conv);
		break;
	}
}

static int parse_int(const char **fmt)
{
	int value = 0;

	while (**fmt >= '0' && **fmt <= '9')
		value = value * 10 + *(*fmt)++ - '0';

	return value;
}

/* Parse flags, width, precision and size; leaves *fmt at the conversion character. */
static void parse_spec(const char **fmt, struct spec *spec)
{
	*spec = (struct spec){ .precision = -1 };

	for (; **fmt == '0' || **fmt == '-'; (*fmt)++) {
		if (**fmt == '0')
			spec->zero = true;
		else
			spec->left = true;
	}

	spec->width = parse_int(fmt);
	if (**fmt == '.') {
		(*fmt)++;
		spec->precision = parse_int(fmt);
	}

	for (; **fmt == 'l' || **fmt == 'z' || **fmt == 'h'; (*fmt)++) {
		if (**fmt != 'h')
			spec->longs++;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct sink s = { .buf = buf, .size = size ? size - 1 : 0 };
	struct spec spec;
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		if (*fmt != '%') {
			put(&s, *fmt++);
			continue;
		}
		fmt++;
		parse_spec(&fmt, &spec);
		if (!*fmt)
			break;
		convert(&s, &spec, *fmt++, &ap);
	}
	va_end(ap);

	if (size)
		buf[min(s.len, s.size)] = '\0';

	return s.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);

	return len;
}

void printf(const char *fmt, ...)
{
	char buf[PRINTF_MAX];
	va_list args;
	size_t len;

	va_start(args, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);

	console_write(buf, min(len, sizeof(buf) - 1));
}
