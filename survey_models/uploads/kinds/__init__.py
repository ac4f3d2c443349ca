"""上传的种类: one file for each template that contractors fill in."""
