// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "table.h"
#include "terminal.h"
#include "view.h"

/* What a terminal understands (ECMA-48; the first two are xterm's, and everybody's since). */
#define OTHER_SCREEN  "\033[?1049h\033[?25l"
#define FIRST_SCREEN  "\033[?25h\033[?1049l"
#define HOME	      "\033[H"
#define CLEAR_LINE    "\033[K"
#define CLEAR_BELOW   "\033[J"
#define REVERSE(TEXT) "\033[7m" TEXT "\033[0m"

#define CONTROL(LETTER) ((LETTER)&0x1f)

/* Lines above the table: title, sums, and an empty one. */
#define TITLE_LINES 3
/* Lines of messages that are shown at the bottom. */
#define MESSAGES    3

/* Of terminals that do not tell. */
#define WIDTH  80
#define HEIGHT 24

typedef struct {
	View view;
	gboolean color;
	TableOrder order;
	GPtrArray *messages; /* char * */
	const Tally *tally;  /* shown last */
	gboolean entered;
	gboolean keys; /* standard input is a terminal, whose settings were */
	struct termios before;
} ScreenView;

static void enter(View *view)
{
	ScreenView *screen = (ScreenView *)view;
	struct termios now;

	screen->keys = tcgetattr(STDIN_FILENO, &now) == 0;
	if (screen->keys && !screen->entered)
		screen->before = now;
	/* Ctrl-C remains a signal. */
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	if (screen->keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &now);
	fprintf(stdout, OTHER_SCREEN);
	fflush(stdout);
	screen->entered = TRUE;
}

static void leave(View *view)
{
	ScreenView *screen = (ScreenView *)view;

	if (!screen->entered)
		return;
	screen->entered = FALSE;
	if (screen->keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
	fprintf(stdout, FIRST_SCREEN);
	fflush(stdout);
}

static void find_size(guint *ret_width, guint *ret_height)
{
	struct winsize size = { 0 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*ret_width = size.ws_col ? size.ws_col : WIDTH;
	*ret_height = size.ws_row ? size.ws_row : HEIGHT;
}

/* A line of plain text, cut to the width. */
static void append_line(GString *frame, const char *text, guint width)
{
	g_autofree char *tame = terminal_tame(text);
	char *end = tame;
	guint used = 0;

	while (*end) {
		char *next = g_utf8_next_char(end), held = *next;

		*next = '\0';
		used += terminal_width(end);
		*next = held;
		if (used > width)
			break;
		end = next;
	}
	*end = '\0';
	g_string_append_printf(frame, "%s" CLEAR_LINE "\n", tame);
}

static void append_title(GString *frame, const ScreenView *screen, const Tally *tally, guint width)
{
	static const char *const orders[] = { [TABLE_BY_POINT] = "",
					      [TABLE_BY_PACKETS] = "packets",
					      [TABLE_BY_BYTES] = "bytes",
					      [TABLE_BY_NAME] = "name" };
	g_autofree char *time = table_time(tally), *title = NULL;

	title = g_strdup_printf("xdpshark stat  %s, %.0f s  by %s  (p b n: by packets, bytes, "
				"name; q: end)",
				time, tally_seconds(tally), orders[screen->order]);
	append_line(frame, title, width);
}

static void append_sums(GString *frame, const Tally *tally, guint width)
{
	guint64 packets = 0, bytes = 0, unmatched = 0;
	g_autofree char *packet_rate = NULL, *byte_rate = NULL, *other_rate = NULL, *line = NULL;

	for (guint i = 0; i < tally->points->len; i++) {
		const TallyPoint *counted = g_ptr_array_index(tally->points, i);

		unmatched += counted->fresh.unmatched;
		for (guint verdict = 0; verdict < XDPSHARK_VERDICT_SLOTS; verdict++) {
			if (!tally_shows(counted, verdict))
				continue;
			packets += counted->fresh.verdicts[verdict].packets;
			bytes += counted->fresh.verdicts[verdict].bytes;
		}
	}
	packet_rate = table_number(tally_rate(tally, packets), TRUE);
	byte_rate = table_number(tally_rate(tally, bytes), TRUE);
	other_rate = table_number(tally_rate(tally, unmatched), TRUE);
	line = g_strdup_printf("%s packets/s, %s bytes/s%s%s%s", packet_rate, byte_rate,
			       tally->filtered ? "; " : "", tally->filtered ? other_rate : "",
			       tally->filtered ? " packets/s do not match the filter" : "");
	append_line(frame, line, width);
}

static void append_messages(GString *frame, const ScreenView *screen, guint width)
{
	guint count = MIN(screen->messages->len, MESSAGES);

	for (guint i = screen->messages->len - count; i < screen->messages->len; i++)
		append_line(frame, g_ptr_array_index(screen->messages, i), width);
}

static void draw(const ScreenView *screen, const Tally *tally)
{
	g_autoptr(GString) frame = g_string_new(HOME);
	g_autoptr(GPtrArray) lines = NULL;
	g_autofree char *local = NULL;
	TableStyle style = { .order = screen->order, .human = TRUE, .color = screen->color };
	guint width, height, others;

	find_size(&width, &height);
	others = TITLE_LINES + MIN(screen->messages->len, MESSAGES) + 1;
	style.width = width;
	style.rows = height > others + 2 ? height - others : 2;
	lines = table_format(tally, &style);
	append_title(frame, screen, tally, width);
	append_sums(frame, tally, width);
	append_line(frame, "", width);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(
			frame, i == 0 ? REVERSE("%s") CLEAR_LINE "\n" : "%s" CLEAR_LINE "\n",
			(const char *)g_ptr_array_index(lines, i));
	append_messages(frame, screen, width);
	g_string_append(frame, CLEAR_BELOW);
	local = terminal_encode(frame->str);
	fprintf(stdout, "%s", local);
	fflush(stdout);
}

static void print_messages(const ScreenView *screen)
{
	for (guint i = 0; i < screen->messages->len; i++)
		g_printerr("xdpshark: %s\n", (const char *)g_ptr_array_index(screen->messages, i));
	g_ptr_array_set_size(screen->messages, 0);
}

/* What stays on the terminal. */
static void print_result(const ScreenView *screen, const Tally *tally)
{
	const TableStyle style = { .color = screen->color };
	g_autoptr(GPtrArray) lines = table_format(tally, &style);

	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *line = terminal_encode(g_ptr_array_index(lines, i));

		fprintf(stdout, "%s\n", line);
	}
	fflush(stdout);
	print_messages(screen);
}

static gboolean show(View *view, const Tally *tally, ViewMoment moment,
		     GError **error G_GNUC_UNUSED)
{
	ScreenView *screen = (ScreenView *)view;

	screen->tally = tally;
	if (moment == VIEW_END) {
		leave(view);
		print_result(screen, tally);
		return TRUE;
	}
	if (!screen->entered)
		enter(view);
	draw(screen, tally);
	return TRUE;
}

static void message(View *view, const char *text)
{
	g_ptr_array_add(((ScreenView *)view)->messages, g_strdup(text));
}

static gboolean key(View *view, char key)
{
	static const struct {
		char key;
		TableOrder order;
	} orders[] = { { 'p', TABLE_BY_PACKETS }, { 'b', TABLE_BY_BYTES }, { 'n', TABLE_BY_NAME } };
	ScreenView *screen = (ScreenView *)view;

	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++)
		if (orders[i].key == key)
			screen->order = orders[i].order;
	if (screen->tally && key != 'q')
		draw(screen, screen->tally);
	return key != 'q' && key != 'Q' && key != CONTROL('c') && key != CONTROL('d');
}

static void free_view(View *view)
{
	ScreenView *screen = (ScreenView *)view;

	leave(view);
	print_messages(screen);
	g_ptr_array_unref(screen->messages);
	g_free(screen);
}

static const ViewType screen_view_type = {
	.show = show,
	.message = message,
	.key = key,
	.leave = leave,
	.enter = enter,
	.free = free_view,
};

View *screen_view_new(gboolean color)
{
	ScreenView *screen = g_new0(ScreenView, 1);

	screen->view.type = &screen_view_type;
	screen->color = color;
	screen->order = TABLE_BY_PACKETS;
	screen->messages = g_ptr_array_new_with_free_func(g_free);
	return &screen->view;
}
