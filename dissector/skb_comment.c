/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "skb_comment.h"

#include <string.h>

static const char comment_tag[] = "skb";

static bool program_read(void *field, const char *text, size_t length, size_t length_max)
{
	SkbComment *comment = field;

	return comment_named_read(&comment->program, &comment->program_id, text, length,
				  length_max);
}

#define AT(MEMBER) offsetof(SkbComment, MEMBER)

/* Maximum lengths are the kernel's: KSYM_NAME_LEN for functions, with an offset; ALTIFNAMSIZ for
 * the interface, NAME_MAX for the namespace, TASK_COMM_LEN for the process, and the digits of a
 * number.
 */
static const CommentKey comment_keys[] = {
	{ "at", comment_text_read, AT(point), 512 },
	{ "reason", comment_text_read, AT(reason), 128 },
	{ "function", comment_text_read, AT(location), 544 },
	{ "if", comment_text_read, AT(interface), 128 },
	{ "netns", comment_text_read, AT(namespace), 255 },
	{ "process", comment_text_read, AT(process), 64 },
	{ "context", comment_text_read, AT(context), 16 },
	{ "made", comment_text_read, AT(made), 16 },
	{ "part", comment_text_read, AT(part), 16 },
	{ "stack", comment_text_read, AT(stack), 16384 },
	{ "pid", comment_number_read, AT(pid), 10 },
	{ "queue", comment_number_read, AT(queue), 10 },
	{ "cpu", comment_number_read, AT(cpu), 10 },
	{ "mark", comment_hexadecimal_read, AT(mark), 10 },
	{ "hash", comment_hexadecimal_read, AT(hash), 10 },
	{ "gso_size", comment_number_read, AT(gso_size), 10 },
	{ "gso_segs", comment_number_read, AT(gso_segments), 10 },
	{ "journey", comment_long_read, AT(journey), 20 },
	{ "frame", comment_hexadecimal_read, AT(frame), 10 },
	{ "action", comment_text_read, AT(action), 16 },
	{ "dir", comment_text_read, AT(direction), 16 },
	{ "prog", program_read, 0, 512 },
	{ "changed", comment_text_read, AT(changed), 64 },
	{ "redirect", comment_text_read, AT(redirect), 131 },
	{ "ns", comment_long_read, AT(latency), 20 },
};

SkbComment *skb_comment_new(const char *text, size_t length)
{
	g_autoptr(SkbComment) comment = g_new0(SkbComment, 1);

	return comment_words_read(comment_tag, comment_keys, G_N_ELEMENTS(comment_keys), comment,
				  text, length) &&
			       comment->point
		       ? g_steal_pointer(&comment)
		       : NULL;
}

static void text_join(char **text, const char *common)
{
	if (!*text)
		*text = g_strdup(common);
}

void skb_comment_join(SkbComment *comment, const SkbComment *common)
{
	if (!common || g_strcmp0(comment->point, common->point) != 0)
		return;
	text_join(&comment->direction, common->direction);
	text_join(&comment->program, common->program);
	text_join(&comment->interface, common->interface);
	text_join(&comment->namespace, common->namespace);
	if (!comment->program_id.known)
		comment->program_id = common->program_id;
}

void skb_comment_free(SkbComment *comment)
{
	if (!comment)
		return;
	g_free(comment->point);
	g_free(comment->reason);
	g_free(comment->location);
	g_free(comment->interface);
	g_free(comment->namespace);
	g_free(comment->process);
	g_free(comment->context);
	g_free(comment->made);
	g_free(comment->stack);
	g_free(comment->part);
	g_free(comment->action);
	g_free(comment->direction);
	g_free(comment->program);
	g_free(comment->changed);
	g_free(comment->redirect);
	g_free(comment);
}
