-- 1: the same request, until the job has ended and a little longer, whoever names it meanwhile. Answers to fal's run come with the video.
ALTER TABLE unanswered ADD COLUMN until_end BIGINT NOT NULL DEFAULT 0;
