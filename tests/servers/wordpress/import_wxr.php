<?php
// Imports a WXR file into an empty site over WordPress's own functions, as the importer plugin of the WordPress project does it
// (which Debian does not have): php import_wxr.php DOCROOT URL FILE. Prints what it made, and what it could not.
// Like that plugin it leaves out what has type, title and time of another, keeps guid, numbers and dates of posts, gives files a new
// guid, puts the new site's address into texts, and lets WordPress set the time of change.
[, $root, $url, $file] = $argv;
$_SERVER += ['HTTP_HOST' => parse_url($url, PHP_URL_HOST).':'.parse_url($url, PHP_URL_PORT), 'SERVER_NAME' => '127.0.0.1', 'REQUEST_URI' => '/',
    'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
define('WP_IMPORTING', true);
require $root.'/wp-load.php';
foreach (['image', 'media', 'file', 'taxonomy', 'post', 'comment'] as $part) require_once ABSPATH."wp-admin/includes/$part.php";
wp_set_current_user(get_user_by('login', 'admin')->ID);
kses_remove_filters();
wp_defer_term_counting(true);
wp_defer_comment_counting(true);

$feed = simplexml_load_string(file_get_contents($file), 'SimpleXMLElement', LIBXML_NONET | LIBXML_PARSEHUGE);
if (!$feed) { fwrite(STDERR, "$file is not XML\n"); exit(1); }
$spaces = $feed->getDocNamespaces();
$channel = $feed->channel;
$wp = function ($node) use ($spaces) { return $node->children($spaces['wp']); };
if ((string) $wp($channel)->wxr_version !== '1.2') { fwrite(STDERR, "no WXR 1.2\n"); exit(1); }
$made = ['author' => 0, 'term' => 0, 'item' => 0, 'comment' => 0];
$failed = $posts = $orphans = $thumbnails = $remap = $authors = $people = [];
function cannot($what, $why) { global $failed; $failed[] = $what.': '.(is_wp_error($why) ? $why->get_error_message() : $why); }

foreach ($wp($channel)->author as $a) {
    $login = (string) $a->author_login;
    $known = get_user_by('login', $login);
    $id = $known ? $known->ID : wp_insert_user(['user_login' => $login, 'user_pass' => wp_generate_password(), 'user_email' => (string) $a->author_email,
        'display_name' => (string) $a->author_display_name, 'role' => 'author']);
    if (is_wp_error($id)) { cannot("author $login", $id); continue; }
    wp_update_user(['ID' => $id, 'display_name' => (string) $a->author_display_name]);
    $authors[sanitize_user($login, true)] = $people[(int) $a->author_id] = $id;
    $made['author']++;
}

$terms = [];
foreach ($wp($channel)->category as $t) $terms[] = ['category', (string) $t->category_nicename, (string) $t->cat_name, (string) $t->category_parent, (string) $t->category_description];
foreach ($wp($channel)->tag as $t) $terms[] = ['post_tag', (string) $t->tag_slug, (string) $t->tag_name, '', (string) $t->tag_description];
foreach ($wp($channel)->term as $t) $terms[] = [(string) $t->term_taxonomy, (string) $t->term_slug, (string) $t->term_name, (string) $t->term_parent, (string) $t->term_description];
foreach ($terms as [$taxonomy, $slug, $name, $above, $about]) {
    if (term_exists($slug, $taxonomy)) continue;
    $parent = $above === '' ? 0 : (int) (term_exists($above, $taxonomy)['term_id'] ?? 0);
    $id = wp_insert_term(wp_slash($name), $taxonomy, ['slug' => $slug, 'description' => wp_slash($about), 'parent' => $parent]);
    is_wp_error($id) ? cannot("term $slug", $id) : $made['term']++;
}

$base = (string) $wp($channel)->base_blog_url;
function moved($text) { global $base; return str_replace($base, home_url(), $text); }

function uploaded($post, $address, $month) {
    global $remap;
    $at = wp_upload_dir($month);
    $name = wp_unique_filename($at['path'], basename(parse_url($address, PHP_URL_PATH)));
    $asked = preg_replace_callback('/[^\x00-\x7f]+/', function ($m) { return rawurlencode($m[0]); }, $address);
    if (!@copy($asked, $at['path'].'/'.$name)) return new WP_Error('fetch', "$address cannot be fetched");
    $type = wp_check_filetype_and_ext($at['path'].'/'.$name, $name)['type'];
    if (!$type) { unlink($at['path'].'/'.$name); return new WP_Error('type', "$name is of no allowed type"); }
    $remap[moved($address)] = $remap[moved($post['guid'])] = $at['url'].'/'.$name;
    if (strpos($type, 'image/') === 0) $remap[preg_replace('/\.[^.]*$/', '', moved($address))] = $at['url'].'/'.preg_replace('/\.[^.]*$/', '', $name);
    $id = wp_insert_attachment(['guid' => $at['url'].'/'.$name, 'post_mime_type' => $type] + $post, $at['path'].'/'.$name, 0, true);
    if (!is_wp_error($id)) wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $at['path'].'/'.$name));
    return $id;
}

foreach ($channel->item as $item) {
    $i = $wp($item);
    $number = (int) $i->post_id;
    $type = (string) $i->post_type;
    if (!post_type_exists($type)) { cannot((string) $item->title, "no post type $type"); continue; }
    if ($twin = post_exists((string) $item->title, '', (string) $i->post_date, $type)) { cannot((string) $item->title, "already exists as $twin"); continue; }
    $meta = [];
    foreach ($i->postmeta as $m) $meta[] = [(string) $m->meta_key, (string) $m->meta_value];
    $parent = (int) $i->post_parent;
    if ($parent && !isset($posts[$parent])) $orphans[$number] = $parent;
    $post = wp_slash(['import_id' => $number, 'post_author' => $authors[sanitize_user((string) $item->children($spaces['dc'])->creator, true)] ?? get_current_user_id(),
        'post_date' => (string) $i->post_date, 'post_date_gmt' => (string) $i->post_date_gmt, 'post_content' => moved((string) $item->children($spaces['content'])->encoded),
        'post_excerpt' => (string) $item->children($spaces['excerpt'])->encoded, 'post_title' => (string) $item->title, 'post_status' => (string) $i->status,
        'post_name' => (string) $i->post_name, 'comment_status' => (string) $i->comment_status, 'ping_status' => (string) $i->ping_status, 'guid' => (string) $item->guid,
        'post_parent' => $posts[$parent] ?? 0, 'menu_order' => (int) $i->menu_order, 'post_type' => $type, 'post_password' => (string) $i->post_password]);
    if ($type === 'attachment') {
        $path = array_column($meta, 1, 0)['_wp_attached_file'] ?? '';
        $id = uploaded($post, (string) $i->attachment_url, preg_match('%^\d{4}/\d{2}%', $path, $found) ? $found[0] : (string) $i->post_date);
    } else {
        $id = wp_insert_post($post, true);
    }
    if (is_wp_error($id)) { cannot((string) $item->title, $id); continue; }
    $posts[$number] = $id;
    $made['item']++;
    if ((string) $i->is_sticky === '1') stick_post($id);
    $sorted = [];
    foreach ($item->category as $c) {
        $taxonomy = (string) $c['domain'];
        $term = term_exists((string) $c['nicename'], $taxonomy) ?: wp_insert_term((string) $c, $taxonomy, ['slug' => (string) $c['nicename']]);
        is_wp_error($term) ? cannot("term $c", $term) : $sorted[$taxonomy][] = (int) $term['term_id'];
    }
    foreach ($sorted as $taxonomy => $ids) wp_set_post_terms($id, $ids, $taxonomy);
    $replies = $said = [];
    foreach ($i->comment as $c) $said[(int) $c->comment_id] = $c;
    ksort($said);
    foreach ($said as $c) {
        $above = (int) $c->comment_parent;
        $replies[(int) $c->comment_id] = wp_insert_comment(wp_filter_comment(wp_slash(['comment_post_ID' => $id, 'comment_author' => (string) $c->comment_author,
            'comment_author_email' => (string) $c->comment_author_email, 'comment_author_IP' => (string) $c->comment_author_IP, 'comment_author_url' => (string) $c->comment_author_url,
            'comment_agent' => '', 'comment_date' => (string) $c->comment_date, 'comment_date_gmt' => (string) $c->comment_date_gmt, 'comment_content' => (string) $c->comment_content,
            'comment_approved' => (string) $c->comment_approved, 'comment_type' => (string) $c->comment_type, 'comment_parent' => $replies[$above] ?? $above,
            'user_id' => $people[(int) $c->comment_user_id] ?? 0])));
        $made['comment']++;
    }
    foreach ($meta as [$key, $value]) {
        if (in_array($key, ['_wp_attached_file', '_wp_attachment_metadata', '_edit_lock'], true)) continue;
        add_post_meta($id, wp_slash($key), wp_slash(maybe_unserialize($value)));
        if ($key === '_thumbnail_id') $thumbnails[$id] = (int) $value;
    }
}

global $wpdb;
foreach ($orphans as $child => $parent) {
    if (isset($posts[$child], $posts[$parent])) $wpdb->update($wpdb->posts, ['post_parent' => $posts[$parent]], ['ID' => $posts[$child]]);
}
foreach ($thumbnails as $id => $number) if (isset($posts[$number]) && $posts[$number] !== $number) update_post_meta($id, '_thumbnail_id', $posts[$number]);
uksort($remap, function ($a, $b) { return strlen($b) - strlen($a); });
foreach ($remap as $from => $to) $wpdb->query($wpdb->prepare("UPDATE $wpdb->posts SET post_content = REPLACE(post_content, %s, %s)", $from, $to));
wp_defer_term_counting(false);
wp_defer_comment_counting(false);
wp_cache_flush();
echo json_encode(['made' => $made, 'failed' => $failed], JSON_UNESCAPED_UNICODE), "\n";
