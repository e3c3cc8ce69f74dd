//! Card templates: fields to HTML, without IO. Drawing HTML to pixels is `render`.
