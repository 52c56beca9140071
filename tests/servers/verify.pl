# What Mail::DKIM and Mail::SPF say of the mail on standard input: PORT of a name server, IP, sender, name of the client.
use strict;
use warnings;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Mail::SPF;
use Net::DNS::Resolver;

my ($port, $ip, $sender, $helo) = @ARGV;
my $resolver = Net::DNS::Resolver->new(nameservers => ['127.0.0.1'], port => $port, recurse => 1);
Mail::DKIM::DNS::resolver($resolver);
binmode STDIN;
my $mail = do { local $/; <STDIN> };

my $verifier = Mail::DKIM::Verifier->new();
$verifier->PRINT($mail);
$verifier->CLOSE();
print 'dkim ', $_->algorithm, ' ', $_->domain, ' ', $_->result, "\n" for $verifier->signatures;

my $chain = Mail::DKIM::ARC::Verifier->new();
$chain->PRINT($mail);
$chain->CLOSE();
print 'arc ', $chain->result, "\n";

my $server = Mail::SPF::Server->new(dns_resolver => $resolver);
my $request = Mail::SPF::Request->new(
    scope => 'mfrom', identity => $sender, ip_address => $ip, helo_identity => $helo);
print 'spf ', $server->process($request)->code, "\n";
